"""The catalog's decisions that need no database."""

from app.catalog.rules.attributes import in_words, unit_sign
from app.catalog.rules.identifiers import check_digit, customs_code_is_valid, gtin_is_valid
from app.catalog.rules.lifecycle import (
    ACTIVE,
    DRAFT,
    LIFECYCLE,
    PHASE_OUT,
    SELLABLE,
    STATUSES,
    WITHDRAWN,
    require_step,
)
from app.catalog.rules.locales import canonical, fallbacks, locale_is_valid, localized
from app.catalog.rules.problems import ERROR, WARNING, Problem
from app.catalog.rules.subjects import (
    SUBJECTS,
    Subject,
    inside_id,
    outside_id,
    outside_value,
)
from app.catalog.rules.units import UNITS, unit_code_is_valid

__all__ = [
    "ACTIVE", "DRAFT", "ERROR", "LIFECYCLE", "PHASE_OUT", "SELLABLE", "STATUSES", "SUBJECTS",
    "UNITS", "WARNING", "WITHDRAWN", "Problem", "Subject", "canonical", "check_digit",
    "customs_code_is_valid", "fallbacks", "gtin_is_valid", "in_words", "inside_id",
    "locale_is_valid", "localized", "outside_id", "outside_value", "require_step",
    "unit_code_is_valid", "unit_sign",
]  # fmt: skip

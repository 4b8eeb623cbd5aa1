"""What the catalog can be asked."""

from app.catalog.models import Publication
from app.catalog.queries.browsing import ProductSearch, browse_products, tree_of
from app.catalog.queries.changes import (
    Change,
    FieldChange,
    count_changes,
    list_changes,
    list_published_changes,
)
from app.catalog.queries.impact import Affected, Impact, impact_of_changes
from app.catalog.queries.problems import problems_of
from app.catalog.queries.publications import (
    get_as_of,
    get_publication,
    history_of,
    latest_publications,
    list_as_of,
    list_publications,
    number_at,
)
from app.catalog.queries.reading import (
    VariantSearch,
    definitions_of,
    get_attribute,
    get_category,
    get_product,
    get_variant,
    known_variants,
    list_attributes,
    list_categories,
    list_products,
    list_variants,
)
from app.catalog.queries.suggestions import (
    candidates_of,
    get_suggestion,
    known_manufacturers,
    list_match_policies,
    list_suggestions,
    policies_for,
    readable_by,
)
from app.catalog.queries.visibility import require_readable, visible_manufacturers

__all__ = [
    "Affected", "Change", "FieldChange", "Impact", "ProductSearch", "Publication",
    "VariantSearch", "browse_products", "candidates_of", "count_changes", "definitions_of",
    "get_as_of", "get_attribute", "get_category", "get_product", "get_publication",
    "get_suggestion", "get_variant", "history_of", "impact_of_changes", "known_manufacturers",
    "known_variants", "latest_publications", "list_as_of", "list_attributes", "list_categories",
    "list_changes", "list_match_policies", "list_products", "list_publications",
    "list_published_changes", "list_suggestions", "list_variants", "number_at", "policies_for",
    "problems_of", "readable_by", "require_readable", "tree_of", "visible_manufacturers",
]  # fmt: skip

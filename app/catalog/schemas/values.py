"""The values that several things of a catalog carry, read and checked one by one."""

import math
from typing import Any
from urllib.parse import urlsplit

import marshmallow as ma
from marshmallow import fields, validate

from app.catalog.rules import (
    customs_code_is_valid,
    gtin_is_valid,
    locale_is_valid,
    unit_code_is_valid,
)
from app.infra.http import Payload

CODE = validate.Regexp(r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$", error="1 to 64 of A-Z 0-9 . _ / -")
ATTRIBUTE_CODE = validate.Regexp(r"^[a-z][a-z0-9_]{0,63}$", error="1 to 64 of a-z 0-9 _")
NAME = validate.Length(1, 200)
DESCRIPTION = validate.Length(max=10_000)
MEDIA_KINDS = ("image", "document", "drawing", "video", "model")
_MAX_VALUE = 2000
_MAX_NUMBER = 10**15
_MAX_ATTRIBUTES = 100
_MAX_LOCALES = 30
_MAX_MEDIA = 50
_MAX_PACKS = 20
_MAX_PACK = 1_000_000
_MAX_URL = 2000


def gtin(value: str) -> None:
    """Refuse what is no GTIN."""
    if not gtin_is_valid(value):
        message = "Not a GTIN of 8, 12, 13 or 14 digits with the right check digit"
        raise ma.ValidationError(message)


def unit_code(value: str) -> None:
    """Refuse what is no known unit."""
    if not unit_code_is_valid(value):
        message = "Not a unit code that is known here, such as C62 or KGM: see GET /v1/units"
        raise ma.ValidationError(message)


def customs_code(value: str) -> None:
    """Refuse what is no customs code."""
    if not customs_code_is_valid(value):
        message = "Not a customs code of 6 to 10 digits"
        raise ma.ValidationError(message)


def locale(value: str) -> None:
    """Refuse what is no locale."""
    if not locale_is_valid(value):
        message = "Not a locale such as de or pt-BR"
        raise ma.ValidationError(message)


def plain(value: object) -> None:
    """Refuse what no attribute can be: a text, a number, true or false, texts by locale."""
    if isinstance(value, dict):
        fits = bool(value) and all(locale_is_valid(name) for name in value)
        fits = fits and all(_is_short(said) for said in value.values())
    elif isinstance(value, bool | int | float):
        fits = math.isfinite(value) and abs(value) < _MAX_NUMBER
    else:
        fits = _is_short(value)
    if not fits:
        message = (
            f"A text of 1 to {_MAX_VALUE} characters, a number, true or false, or texts by locale"
        )
        raise ma.ValidationError(message)


def _is_short(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_VALUE


def https(value: str) -> None:
    """Refuse an address that is not a plain one of the web, encrypted."""
    try:
        parts = urlsplit(value)
        fits = parts.scheme == "https" and parts.hostname and "@" not in parts.netloc
    except ValueError:
        fits = False
    if not fits or len(value) > _MAX_URL or not value.isprintable() or " " in value:
        message = f"Not an https:// address of at most {_MAX_URL} characters, without a user name"
        raise ma.ValidationError(message)


def attributes() -> fields.Dict:
    """Values by the codes of attributes."""
    return fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.Raw(validate=plain),
        validate=validate.Length(max=_MAX_ATTRIBUTES),
    )


class NameByLocale(Payload):
    """A translated name."""

    name = fields.String(validate=NAME)


class TextsByLocale(NameByLocale):
    """A translated name and description."""

    description = fields.String(validate=DESCRIPTION)


def translations(of: type[Payload]) -> fields.Dict:
    """Texts by locale."""
    return fields.Dict(
        keys=fields.String(validate=locale),
        values=fields.Nested(of),
        validate=validate.Length(max=_MAX_LOCALES),
        metadata={"example": {"de": {"name": "Bohrhammer"}}},
    )


class MediumSchema(Payload):
    """A picture, a data sheet, a drawing, a film, a model; kept elsewhere."""

    url = fields.String(required=True, validate=https)
    kind = fields.String(required=True, validate=validate.OneOf(MEDIA_KINDS))
    alt = fields.String(load_default="", validate=validate.Length(max=300))
    position = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 1000))


class PackSchema(Payload):
    """A package of so many base units, with an identifier of its own."""

    unit_code = fields.String(required=True, validate=unit_code)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(1, _MAX_PACK))
    gtin = fields.String(load_default=None, allow_none=True, validate=gtin)


def media() -> fields.List[Any]:
    """Links to media, shown in the order of their positions."""
    return fields.List(fields.Nested(MediumSchema), validate=validate.Length(max=_MAX_MEDIA))


def packs() -> fields.List[Any]:
    """Packages, each of another kind or size, each with another GTIN."""
    return fields.List(
        fields.Nested(PackSchema), validate=[validate.Length(max=_MAX_PACKS), _distinct]
    )


def _distinct(found: list[dict[str, Any]]) -> None:
    sizes = {(each["unit_code"], each["quantity"]) for each in found}
    gtins = [each["gtin"] for each in found if each["gtin"]]
    if len(sizes) < len(found) or len(set(gtins)) < len(gtins):
        message = "Two packs of one unit and quantity, or of one GTIN"
        raise ma.ValidationError(message)

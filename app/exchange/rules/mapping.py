"""Which column holds which fact, and how its cells are written: one value, saved and confirmed."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from app.exchange.rules.fields import fields_of, find_field, tells_variant
from app.exchange.rules.names import plain

DATE_FORMATS = ("iso", "dmy", "mdy")
DECIMAL_MARKS = (".", ",")
THOUSANDS_MARKS = ("", ".", ",", " ", "'")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """How a file of an organization is read.

    ``columns`` names the column of each field, ``constants`` the text of fields that every row
    shares. ``pad_gtins`` gives GTINs back the zeros that a spreadsheet took.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    decimal_mark: str = "."
    thousands_mark: str = ""
    date_format: str = "iso"
    encoding: str = "utf-8"
    separator: str = ","
    sheet: str = ""
    pad_gtins: bool = False

    def document(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    def problems(self, resource: str, header: Sequence[str] | None = None) -> list[dict[str, str]]:
        """What keeps it from being used, each with a pointer."""
        return [
            *self._unknown(resource, header),
            *self._missing(resource),
            *self._marks(),
        ]

    def _unknown(self, resource: str, header: Sequence[str] | None) -> Iterable[dict[str, str]]:
        for name in (*self.columns, *self.constants):
            if find_field(resource, name) is None:
                yield _pointed(f"/columns/{name}", f"{resource} have no such field")
        for name, column in self.columns.items():
            if header is not None and column not in header:
                yield _pointed(f"/columns/{name}", f"The file has no column {column!r}")
            if name in self.constants:
                yield _pointed(f"/constants/{name}", "This field has a column, too")

    def _missing(self, resource: str) -> Iterable[dict[str, str]]:
        given = {*self.columns, *self.constants}
        for each in fields_of(resource):
            if each.needed and each.name not in given:
                yield _pointed(f"/columns/{each.name}", f"{each.label} is needed")
        if tells_variant(resource) and not given & {"sku", "gtin"}:
            yield _pointed("/columns/sku", "SKU or GTIN is needed")

    def _marks(self) -> Iterable[dict[str, str]]:
        if self.decimal_mark not in DECIMAL_MARKS or self.thousands_mark not in THOUSANDS_MARKS:
            yield _pointed("/decimal_mark", "A point or a comma")
        if self.decimal_mark == self.thousands_mark:
            yield _pointed("/thousands_mark", "Not the same as the decimal mark")
        if self.date_format not in DATE_FORMATS:
            yield _pointed("/date_format", f"One of {', '.join(DATE_FORMATS)}")


def mapping_from(document: Mapping[str, Any]) -> ColumnMapping:
    """A mapping from plain values; what it does not know is left out."""
    known = ColumnMapping.__dataclass_fields__
    return ColumnMapping(**{name: value for name, value in document.items() if name in known})


def fingerprint(resource: str, header: Iterable[str]) -> str:
    """What a header is recognized by, whatever the case and order of its columns."""
    names = sorted(filter(None, map(plain, header)))
    return hashlib.sha256("\n".join([resource, *names]).encode()).hexdigest()


def _pointed(pointer: str, message: str) -> dict[str, str]:
    return {"in": "json", "pointer": pointer, "message": message}

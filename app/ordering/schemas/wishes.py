"""What is wanted, and what is wished of it, as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.infra.http import Payload, PublicId
from app.kernel.ids import public_id
from app.kernel.quantity import MAX_QUANTITY
from app.ordering.operations.placing import MAX_LINES

Quantity = validate.Range(1, MAX_QUANTITY)
_NO_LINE = "No line wants this variant"


def _each_once(kit: Sequence[Any]) -> None:
    if len(set(kit)) < len(kit):
        raise ma.ValidationError("A kit names each of its variants once")


class WantedLineSchema(Payload):
    """A quantity of a variant, in base units."""

    variant_id = PublicId("var", required=True)
    quantity = fields.Integer(required=True, strict=True, validate=Quantity)


class WishesSchema(Payload):
    """What is wished of an order as a whole; lines are named by their variants."""

    ship_complete = fields.Boolean(
        load_default=False, metadata={"description": "All of it or nothing"}
    )
    one_delivery = fields.Boolean(
        load_default=False, metadata={"description": "All of it from one place"}
    )
    kits = fields.List(
        fields.List(PublicId("var"), validate=[validate.Length(2, 50), _each_once]),
        load_default=list,
        validate=validate.Length(max=100),
        metadata={"description": "Variants that make a kit: in full or not at all"},
    )
    substitutes = fields.Dict(
        keys=PublicId("var"),
        values=fields.List(PublicId("var"), validate=validate.Length(1, 10)),
        load_default=dict,
        metadata={"description": "Other variants that may stand for a line's"},
    )
    takes_successor = fields.List(
        PublicId("var"),
        load_default=list,
        validate=validate.Length(max=MAX_LINES),
        metadata={"description": "Variants whose successors may stand for them"},
    )
    no_backorders = fields.Boolean(
        load_default=False, metadata={"description": "Nothing that is not in stock yet"}
    )
    ship_by = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "Nothing that would leave after this day, there where it lies"},
    )


class WishingSchema(Payload):
    """An order as a whole: what is wished names what is wanted.

    A cart's wishes may come before its lines; an order's would be passed over in silence.
    """

    wishes = fields.Nested(WishesSchema, load_default=dict)

    @ma.validates_schema
    def _wishes_are_of_lines(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401
        wanted = {line["variant_id"] for line in data["lines"]}
        faults: dict[str, Any] = {}
        for (name, *place), variant in _named(data["wishes"]):
            if variant not in wanted:
                inner = faults.setdefault(name, {})
                for step in place[:-1]:
                    inner = inner.setdefault(step, {})
                inner[place[-1]] = [_NO_LINE]
        if faults:
            raise ma.ValidationError({"wishes": faults})


def _named(wishes: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place of wishes where a line's variant is named, with it."""
    for number, kit in enumerate(wishes.get("kits", ())):
        for position, variant in enumerate(kit):
            yield ("kits", number, position), variant
    for variant in wishes.get("substitutes", {}):
        yield ("substitutes", public_id("var", variant)), variant
    for position, variant in enumerate(wishes.get("takes_successor", ())):
        yield ("takes_successor", position), variant

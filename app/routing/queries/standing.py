"""What may stand for a request's lines, as its buyer and the policies allow."""

import uuid
from collections.abc import Mapping

from sqlalchemy import text

from app.infra.db import DbSession, array_of
from app.routing.errors import UnknownVariant
from app.routing.rules import Context, Offer, RoutingRequest
from app.routing.rules.substitutes import Standing, with_substitutes

_SUCCESSORS = text("""
SELECT id, successor_id FROM catalog_variants WHERE id = ANY (CAST(:variants AS uuid[]))
""")


def list_standing(session: DbSession, *, request: RoutingRequest, context: Context) -> Standing:
    """The request with all that may stand for its lines; one statement, when anything may.

    Raises:
        UnknownVariant: a named substitute does not exist.
    """
    if not (request.substitutes or request.takes_successor):
        return Standing(request, context)
    named = [each for variants in request.substitutes.values() for each in variants]
    variants = {*named, *(request.lines[line_no].variant_id for line_no in request.takes_successor)}
    rows = session.execute(_SUCCESSORS, {"variants": array_of(variants)}).all()
    successors: dict[uuid.UUID, uuid.UUID | None] = {row[0]: row[1] for row in rows}
    unknown = sorted(
        line_no
        for line_no, among in request.substitutes.items()
        if any(each not in successors for each in among)
    )
    if unknown:
        raise UnknownVariant(positions=unknown)
    wanted: dict[int, list[uuid.UUID]] = {}
    for line_no in range(len(request.lines)):
        allowed = context.policy_of(line_no).substitutes
        if allowed == "named":
            wanted.setdefault(line_no, []).extend(request.substitutes.get(line_no, ()))
        if allowed != "never" and line_no in request.takes_successor:
            successor = successors.get(request.lines[line_no].variant_id)
            wanted.setdefault(line_no, []).extend([successor] if successor else [])
    return with_substitutes(request, context, wanted)


def with_returned(offer: Offer, returned: Mapping[tuple[uuid.UUID, uuid.UUID], int]) -> Offer:
    """An offer as if units had been given back, by (location, variant)."""
    return offer._replace(
        lying=[
            (place, available + returned.get((place.location_id, offer.variant_id), 0))
            for place, available in offer.lying
        ]
    )

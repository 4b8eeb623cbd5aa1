"""Everything about all that fits, in one statement and a dozen packed columns.

Documents that fit are matched and the viewer's rights decided as ever; what sellers ask and have of
them comes from shelves. A shelf is read only where it cannot differ from the rows it repeats: no
mark of this very snapshot names its variant, and the instant lies between those that it is good
for. What may differ is packed anew within the same statement, so no answer lags. Nothing is joined
here variant by variant; that is for :mod:`app.discovery.queries.columns`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import TextClause, text

from app.discovery.queries import matching
from app.discovery.queries.matching import ORDERS, SORTED, Shape
from app.discovery.rules import NAME, NEWEST, RELEVANCE
from app.offers.eligibility import KNOWN_PAIRS_CTES

# More than so many marked variants are not looked up in a list of them: then nothing is trusted.
MOST_MARKED = 20_000

# Sort keys as numbers; names are texts, so the numbers of their order, and where a page begins.
_KEYS = {
    RELEVANCE: "string_agg(int4send(key), '')",
    NEWEST: "string_agg(timestamptz_send(key), '')",
    NAME: "string_agg(int4send(CAST(place AS integer)), '')",
}


class Packed(NamedTuple):
    """The answer, as it comes."""

    ids: bytes | None
    facets: bytes
    failed: bytes | None
    keys: bytes | None
    names: str | None
    name_lengths: bytes | None
    first: int
    trusted: bytes | None
    offers: bytes | None
    entries: bytes | None
    breaks: bytes | None
    packed: bytes | None
    packed_offers: bytes | None
    packed_entries: bytes | None
    packed_breaks: bytes | None
    places: bytes | None
    lines: bytes | None
    rights: bytes | None
    numbered: Sequence[str] | None
    numbers: Sequence[int] | None


@lru_cache(maxsize=256)
def statement_of(shape: Shape, order: str, *, is_priced: bool, is_later: bool) -> TextClause:
    """The statement, by what is asked; an order by price is none that is read here."""
    prices = ", entries, breaks" if is_priced else ""
    return text(f"""
    WITH RECURSIVE {matching.asked(shape)}
    d_match AS MATERIALIZED ({_matches(shape, order, is_later=is_later)}),
    wanted AS (SELECT variant_id, manufacturer_id, category_id FROM d_match),
    {KNOWN_PAIRS_CTES.strip()},
    marked AS MATERIALIZED (
        SELECT many, variant_ids FROM discovery_marks
        WHERE sources && CAST(:sources AS uuid[])
    ),
    few AS MATERIALIZED (SELECT COALESCE(sum(many), 0) <= {MOST_MARKED} AS are_few FROM marked),
    doubted AS MATERIALIZED (
        SELECT unnest(variant_ids) AS variant_id FROM marked WHERE (SELECT are_few FROM few)
    ),
    trusted AS MATERIALIZED (
        SELECT variant_id, offers {prices} FROM discovery_shelves
        WHERE variant_id = ANY (
                  ARRAY(SELECT variant_id FROM d_match WHERE (SELECT are_few FROM few))
              )
          AND good_from <= CAST(:now AS timestamptz) AND good_until > CAST(:now AS timestamptz)
          {"AND NOT is_bulky" if shape.only_available else ""}
          AND (variant_id NOT IN (SELECT variant_id FROM doubted)) IS TRUE
    ),
    packed AS MATERIALIZED (
        SELECT variant_id, offers {prices} FROM discovery_pack(
            CASE WHEN (SELECT count(*) FROM trusted) < (SELECT count(*) FROM d_match)
                 THEN ARRAY(
                     SELECT variant_id FROM d_match
                     WHERE (variant_id NOT IN (SELECT variant_id FROM trusted)) IS TRUE
                 )
                 ELSE '{{}}'
            END, CAST(:now AS timestamptz)
        )
    ),
    numbered AS MATERIALIZED (
        SELECT id, number FROM discovery_numbers WHERE id = ANY (CAST(:numbered AS uuid[]))
    )
    SELECT d.*, t.*, p.*,
           (SELECT string_agg(int4send(k.number) || int4send(CAST(s.scope_no AS integer)), '')
            FROM scope s
            JOIN discovery_tokens k ON k.token = '#' || s.manufacturer_id || '/' || s.category_id
            WHERE NOT EXISTS (SELECT FROM in_play)),
           (SELECT string_agg(uuid_send(variant_id) || int8send(scope_no), '')
            FROM scoped WHERE EXISTS (SELECT FROM in_play)),
           (SELECT string_agg(int4send(CAST(e.scope_no AS integer)) || int4send(k.number)
                              || int4send(CAST(e.model = 'agency' AS integer)), '')
            FROM entitled_pair e JOIN discovery_numbers k ON k.id = e.seller_id),
           (SELECT array_agg(CAST(id AS text) ORDER BY id) FROM numbered),
           (SELECT array_agg(number ORDER BY id) FROM numbered)
    FROM (
        SELECT string_agg(uuid_send(variant_id), ''), string_agg(facets, ''),
               {"string_agg(int2send(CAST(failed AS smallint)), '')" if shape.groups else "NULL"},
               {_KEYS.get(order, "NULL")},
               {_names(order)}
        FROM d_match
    ) d, ({_aggregated("trusted", is_priced=is_priced)}) t,
    ({_aggregated("packed", is_priced=is_priced)}) p
    """)  # noqa: S608 - composed of constants only


def _aggregated(source: str, *, is_priced: bool) -> str:
    prices = "string_agg(entries, ''), string_agg(breaks, '')" if is_priced else "NULL, NULL"
    return f"""
        SELECT string_agg(uuid_send(variant_id), ''), string_agg(offers, ''), {prices} FROM {source}
    """  # noqa: S608 - composed of constants only


def _names(order: str) -> str:
    if order != NAME:
        return "NULL, NULL, 0"
    return """
        string_agg(key, ''), string_agg(int4send(length(key)), ''),
        count(*) FILTER (WHERE NOT is_later)
    """


def _matches(shape: Shape, order: str, *, is_later: bool) -> str:
    """Documents that fit, those of one failed group apart, by number; names in their order."""
    key = ORDERS[order].key.format(locale=shape.locale) if order in ORDERS else "0"
    parts = " UNION ALL ".join(
        matching.part(shape, failing=each, columns=_columns(each, key))
        for each in (None, *range(shape.groups))
    )
    if order != NAME:
        return parts
    sort = ORDERS[order]
    later = sort.after.format(**SORTED) if is_later else "true"
    return f"""
        SELECT s.*, {later} AS is_later,
               row_number() OVER (ORDER BY {sort.order.format(**SORTED)}) AS place
        FROM ({parts}) s
    """  # noqa: S608 - composed of constants only


def _columns(failing: int | None, key: str) -> str:
    number = -1 if failing is None else failing
    return f"""
        d.variant_id, d.manufacturer_id, d.category_id, d.facets, {number} AS failed, {key} AS key
    """

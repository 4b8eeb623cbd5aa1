"""The parts that searching statements are composed of, by the shape of what is asked.

A statement's text depends on its :class:`Shape` alone, so each is built and planned once. Every
shape ends in ``hit (variant_id, failed, tokens, key)``: entitled variants that fit. ``failed`` is
empty, or names the one facet group whose own filter the variant does not pass: such a variant is
not found, but counts for the facets of that group, so that a second value of it can be chosen.
"""

from dataclasses import dataclass
from functools import lru_cache

from app.discovery.rules import NAME, NEWEST, RELEVANCE
from app.inventory.queries import AVAILABLE_SQL
from app.offers.eligibility import KNOWN_ENTITLED_CTES, KNOWN_SEEN_CTES

MOST_EXACT = 10_000
WALK = 2_000  # documents looked at for one page where there are more than can be counted
_MOST_OTHERS = 2_000
_MOST_NAMED = 64  # manufacturers that words are looked for together with


# The smallest quantity that an entitled offer `e` can be ordered in.
SMALLEST = """
    CAST((GREATEST(1, e.minimum_quantity) + e.order_step - 1) / e.order_step * e.order_step
         AS integer)
"""


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key: how it is read, how it runs, and what lies after a cursor."""

    key: str
    order: str
    after: str


ORDERS = {
    RELEVANCE: Order(
        "CAST(-1000000 * ts_rank(d.text_{locale}, (SELECT query FROM asked)) AS integer)",
        "{key}, {id}",
        "({key}, {id}) > (CAST(:key AS integer), CAST(:after AS uuid))",
    ),
    NAME: Order(
        "d.sort_name",
        "{key}, {id}",
        '({key}, {id}) > (CAST(:key AS text) COLLATE "C", CAST(:after AS uuid))',
    ),
    NEWEST: Order(
        "d.created_at",
        "{key} DESC, {id}",
        "{key} <= CAST(:key AS timestamptz)"
        " AND ({key} < CAST(:key AS timestamptz) OR {id} > CAST(:after AS uuid))",
    ),
}

SORTED = {"key": "s.key", "id": "s.variant_id"}  # not the texts that are answered


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides on the text of a searching statement."""

    locale: str
    has_words: bool = False
    groups: int = 0
    only_available: bool = False


def matches(shape: Shape, *, key: str = "0") -> str:
    """``d_match``: documents that fit, those of one failed group apart, each part bounded.

    What is needed of a document is read here, where it lies at hand; ``key`` is its sort key.
    """
    failing = [None, *range(shape.groups)]
    parts = [part(shape, failing=each, columns=_columns(each, key)) for each in failing]
    return f"""
    {asked(shape)}
    d_match AS MATERIALIZED ({" UNION ALL ".join(parts)}),
    """


def walk(shape: Shape, order: Order, *, is_later: bool) -> str:
    """``d_match``: the next documents in order after the cursor, so many as a page may need."""
    names = {"key": order.key, "id": "d.variant_id"}
    later = f"AND {order.after.format(**names)}" if is_later else ""
    return f"""
    {asked(shape)}
    d_match AS MATERIALIZED (
        SELECT d.variant_id, d.manufacturer_id, d.category_id, '' AS failed,
               CAST('{{}}' AS text[]) AS tokens, {order.key} AS key
        FROM discovery_documents d WHERE {fits(shape, failing=None)} {later}
        ORDER BY {order.order.format(**names)} LIMIT {WALK}
    ),
    """  # noqa: S608 - composed of constants only


def asked(shape: Shape) -> str:
    """``asked``: the question as the language reads it, when there is one, and where it is asked.

    ``near`` names those whose goods can be seen here, where there are others and these are few.
    """
    if not shape.has_words:
        return ""
    return f"""
    asked AS MATERIALIZED (
        SELECT q.query,
               CASE WHEN numnode(q.query) > 0
                     AND cardinality(CAST(:reach AS uuid[])) BETWEEN 1 AND {_MOST_NAMED}
                     AND EXISTS (
                         SELECT FROM catalog_categories
                         WHERE manufacturer_id <> ALL (CAST(:reach AS uuid[]))
                     )
                    THEN q.query && CAST((
                        SELECT string_agg(quote_literal('#' || maker), ' | ')
                        FROM unnest(CAST(:reach AS uuid[])) AS maker
                    ) AS tsquery)
                    ELSE q.query
               END AS near
        FROM (
            SELECT discovery_query('discovery_{shape.locale}', CAST(:words AS text[]),
                                   CAST(:codes AS text[]), CAST(:whole AS text)) AS query
        ) q
    ),
    """  # noqa: S608 - composed of constants only


def fits(shape: Shape, *, failing: int | None) -> str:
    """The condition that a document fits; of the group that fails, that it does not."""
    asks = f"AND d.text_{shape.locale} @@ (SELECT near FROM asked)"  # noqa: S608 - a constant
    words = asks if shape.has_words else ""
    facets = "".join(
        f" AND {'NOT ' if n == failing else ''}d.tokens && CAST(:tokens_{n} AS text[])"
        for n in range(shape.groups)
    )
    return f"d.manufacturer_id = ANY (CAST(:reach AS uuid[])) {words} {facets}"


def part(shape: Shape, *, failing: int | None, columns: str) -> str:
    """The documents that fit, or fail one group; bounded, as the rest is a sample anyway."""
    most = MOST_EXACT + 1 if failing is None else _MOST_OTHERS
    return f"""
        (SELECT {columns} FROM discovery_documents d
         WHERE {fits(shape, failing=failing)} LIMIT {most})
    """  # noqa: S608 - composed of constants only


def _columns(failing: int | None, key: str) -> str:
    name = "''" if failing is None else f"CAST(:group_{failing} AS text)"
    return f"""
        d.variant_id, d.manufacturer_id, d.category_id, {name} AS failed, d.tokens, {key} AS key
    """


# Stock is read by variant and summed before sellers are asked for: one pass, whatever the planner
# takes the number of matches for.
STOCKED = f"""
lying AS MATERIALIZED (
    SELECT s.variant_id, l.seller_id, sum({AVAILABLE_SQL}) AS units
    FROM inventory_stock s
    JOIN inventory_locations l ON l.id = s.location_id AND l.is_active
    WHERE s.variant_id = ANY (ARRAY(SELECT variant_id FROM d_match)) AND {AVAILABLE_SQL} > 0
    GROUP BY s.variant_id, l.seller_id
),
stocked AS (
    SELECT e.variant_id
    FROM entitled e
    FULL JOIN lying l ON l.variant_id = e.variant_id AND l.seller_id = e.seller_id
    WHERE COALESCE(l.units, 0) >= COALESCE({SMALLEST}, 1) AND e.variant_id IS NOT NULL
    OFFSET 0
),
"""  # noqa: S608 - composed of constants only


@lru_cache(maxsize=256)
def hits(shape: Shape, *, name: str = "hit", reads: str = "seen") -> str:
    """From ``d_match`` to what the viewer is entitled to, and what is in stock.

    Who reads ``entitled``, too, says so.
    """
    source = "stocked" if shape.only_available else reads
    sight = KNOWN_SEEN_CTES if source == "seen" else KNOWN_ENTITLED_CTES
    return f"""
    wanted AS (SELECT variant_id, manufacturer_id, category_id FROM d_match),
    {sight.strip()},
    {STOCKED if shape.only_available else ""}
    {name} AS MATERIALIZED (
        SELECT variant_id, failed, tokens, key FROM d_match
        -- "IS TRUE" keeps it a look into a hash, whatever the planner guesses of its size
        WHERE (variant_id IN (SELECT variant_id FROM {source})) IS TRUE
    ),
    """  # noqa: S608 - composed of constants only


# The most frequent tokens of each facet, and those that were chosen, with what they are called.
NAMED_FACETS = """
facet AS (
    SELECT c.token, c.many,
           CASE c.facet
               WHEN 'category' THEN (
                   SELECT COALESCE(
                       NULLIF(translations -> CAST(:locale AS text) ->> 'name', ''), name
                   ) FROM catalog_categories WHERE id = CAST(substr(c.token, 10) AS uuid)
               )
               WHEN 'maker' THEN (
                   SELECT name FROM network_organizations
                   WHERE id = CAST(substr(c.token, 7) AS uuid)
               )
           END AS label,
           (
               -- what is known of an attribute: its name, and how its values read
               SELECT CAST(jsonb_build_object(
                   'name', COALESCE(
                       NULLIF(translations -> CAST(:locale AS text) ->> 'name', ''), name
                   ),
                   'kind', kind, 'unit_code', unit_code, 'options', options
               ) AS text)
               FROM catalog_attributes
               WHERE code = substr(c.facet, 3) AND manufacturer_id = ANY (CAST(:reach AS uuid[]))
               ORDER BY manufacturer_id LIMIT 1
           ) AS title
    FROM (
        SELECT token, facet, many,
               row_number() OVER (PARTITION BY facet ORDER BY many DESC, token) AS place
        FROM counted
    ) c
    WHERE c.place <= 30 OR c.token = ANY (CAST(:chosen AS text[]))
),
"""

# A variant counts for all its facets when it fits, for those of the group it fails otherwise.
FACETS = f"""
tally AS MATERIALIZED (
    SELECT token, failed, count(*) AS many
    FROM (SELECT failed, unnest(tokens) AS token FROM hit) carried
    GROUP BY token, failed
),
counted AS (
    SELECT token, split_part(token, '=', 1) AS facet, CAST(sum(many) AS bigint) AS many
    FROM tally WHERE failed = '' OR starts_with(token, failed || '=')
    GROUP BY token
),
{NAMED_FACETS.strip()}
"""  # noqa: S608 - composed of constants only

"""Shelves: what sellers ask and have of a variant, packed beside its search document.

Laws: a shelf repeats rows of offers, prices and stock and is never asked where it may differ from
them: whoever changes such a row marks its variant in the same transaction, and a shelf says between
which instants it holds. Marks are rows that are only added, so that no writer waits for another.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A change of stock is marked where a seller has, or then had, less than this at a location: offers
# that ask for more at once are packed as bulky, and their stock is read where it lies.
MARKED_BELOW = 100
LARGEST_MARK = 5000  # variants; what a sweep can work off at once
BUILDERS = 7006  # advisory: one builds at a time, so that no older shelf replaces a newer one

NUMBERS = """
CREATE FUNCTION discovery_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO discovery_numbers (id) SELECT id FROM fresh ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER discovery_numbered AFTER INSERT ON network_organizations
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION discovery_number();
CREATE TRIGGER discovery_numbered AFTER INSERT ON pricing_price_lists
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION discovery_number();
"""

_SMALLEST = """
    CAST((GREATEST(1, o.minimum_quantity) + o.order_step - 1) / o.order_step * o.order_step
         AS integer)
"""
_AVAILABLE = "{0}.on_hand - {0}.reserved - {0}.safety"
# The instants at which a period begins to hold or ceases to, before and after the one packed for.
_BEGAN = (
    "max(GREATEST(CASE WHEN {0}.valid_from <= at THEN {0}.valid_from END,"
    " CASE WHEN {0}.valid_to <= at THEN {0}.valid_to END))"
)
_ENDS = (
    "min(LEAST(CASE WHEN {0}.valid_from > at THEN {0}.valid_from END,"
    " CASE WHEN {0}.valid_to > at THEN {0}.valid_to END))"
)
_HOLDS = (
    "({0}.valid_from IS NULL OR {0}.valid_from <= at)"
    " AND ({0}.valid_to IS NULL OR {0}.valid_to > at)"
)

# Numbers are big-endian. An offer: seller, smallest quantity that it can be ordered in, and whether
# as much is there. A plain entry (from one on, for one): list, amount. Any other, in ``breaks``:
# list, from quantity, amount, per quantity. A variant's offers begin with a record that is none:
# -1 less the number of entries, and the number of breaks.
PACK = f"""
CREATE FUNCTION discovery_pack(ids uuid[], at timestamptz) RETURNS TABLE (
    variant_id uuid, offers bytea, entries bytea, breaks bytea,
    good_from timestamptz, good_until timestamptz, is_bulky boolean
)
LANGUAGE plpgsql STABLE ROWS 1000
AS $$
#variable_conflict use_column
BEGIN
    IF cardinality(ids) = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH wanted AS MATERIALIZED (SELECT DISTINCT unnest(ids) AS variant_id),
    offer AS MATERIALIZED (
        SELECT o.variant_id, o.seller_id, {_SMALLEST} AS smallest, o.valid_from, o.valid_to
        FROM offers_offers o WHERE o.variant_id = ANY (ids) AND o.status = 'active'
    ),
    lying AS MATERIALIZED (
        SELECT s.variant_id, l.seller_id, sum({_AVAILABLE.format("s")}) AS units
        FROM inventory_stock s
        JOIN inventory_locations l ON l.id = s.location_id AND l.is_active
        WHERE s.variant_id = ANY (ids) AND {_AVAILABLE.format("s")} > 0
        GROUP BY s.variant_id, l.seller_id
    ),
    offered AS (
        SELECT o.variant_id,
               string_agg(
                   int4send(COALESCE(n.number, 0)) || int4send(o.smallest)
                   || CASE WHEN l.units >= o.smallest THEN '\\x01'::bytea ELSE '\\x00'::bytea END,
                   ''
               ) FILTER (WHERE {_HOLDS.format("o")}) AS packed,
               {_BEGAN.format("o")} AS began, {_ENDS.format("o")} AS ends,
               bool_or(o.smallest > {MARKED_BELOW}) AS is_bulky
        FROM offer o
        LEFT JOIN discovery_numbers n ON n.id = o.seller_id
        LEFT JOIN lying l ON l.variant_id = o.variant_id AND l.seller_id = o.seller_id
        GROUP BY o.variant_id
    ),
    entry AS MATERIALIZED (
        SELECT e.variant_id, COALESCE(n.number, 0) AS number, e.from_quantity, e.amount_minor, e.per_quantity,
               e.valid_from, e.valid_to, {_HOLDS.format("e")} AS holds,
               e.from_quantity = 1 AND e.per_quantity = 1 AND e.amount_minor < 2147483648 AS plain
        FROM pricing_entries e LEFT JOIN discovery_numbers n ON n.id = e.price_list_id
        WHERE e.variant_id = ANY (ids)
    ),
    asked AS (
        SELECT e.variant_id,
               count(*) FILTER (WHERE holds AND plain) AS plain,
               string_agg(int4send(number) || int4send(CAST(amount_minor AS integer)), '')
                   FILTER (WHERE holds AND plain) AS plain_packed,
               count(*) FILTER (WHERE holds AND NOT plain) AS other,
               string_agg(
                   int4send(number) || int4send(from_quantity) || int8send(amount_minor)
                   || int4send(per_quantity), ''
               ) FILTER (WHERE holds AND NOT plain) AS other_packed,
               {_BEGAN.format("e")} AS began, {_ENDS.format("e")} AS ends
        FROM entry e GROUP BY e.variant_id
    )
    SELECT w.variant_id,
           int4send(CAST(-1 - COALESCE(a.plain, 0) AS integer))
           || int4send(CAST(COALESCE(a.other, 0) AS integer)) || '\\x00' || COALESCE(o.packed, ''),
           COALESCE(a.plain_packed, ''), COALESCE(a.other_packed, ''),
           COALESCE(GREATEST(o.began, a.began), '-infinity'),
           COALESCE(LEAST(o.ends, a.ends), 'infinity'), COALESCE(o.is_bulky, false)
    FROM wanted w
    LEFT JOIN offered o ON o.variant_id = w.variant_id
    LEFT JOIN asked a ON a.variant_id = w.variant_id;
END
$$
"""

# Marks are taken in one statement, what is packed is read in the next: by a snapshot that is newer
# than every change whose mark was taken.
SHELVE = f"""
CREATE FUNCTION discovery_shelve(at timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql
AS $$
DECLARE
    ids uuid[];
    taken integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock({BUILDERS}, 0) THEN
        RETURN 0;
    END IF;
    WITH gone AS (
        DELETE FROM discovery_marks WHERE seq IN (
            SELECT seq FROM (
                SELECT seq, sum(many) OVER (ORDER BY seq) - many AS before
                FROM (SELECT seq, many FROM discovery_marks ORDER BY seq LIMIT most) first
            ) m WHERE before < most
        ) RETURNING variant_ids
    )
    SELECT array_agg(DISTINCT id) INTO ids FROM gone, unnest(gone.variant_ids) AS id;
    taken := COALESCE(cardinality(ids), 0);
    IF taken < most THEN
        ids := ids || ARRAY(
            SELECT variant_id FROM discovery_shelves
            WHERE good_until <= at AND good_until < 'infinity'
            ORDER BY good_until LIMIT most - taken
        );
        taken := COALESCE(cardinality(ids), 0);
    END IF;
    IF taken = 0 THEN
        RETURN 0;
    END IF;
    INSERT INTO discovery_shelves AS s (
        variant_id, offers, entries, breaks, good_from, good_until, is_bulky
    )
    SELECT p.* FROM discovery_pack(ids, at) p JOIN catalog_variants v ON v.id = p.variant_id
    ON CONFLICT (variant_id) DO UPDATE SET
        (offers, entries, breaks, good_from, good_until, is_bulky)
      = (EXCLUDED.offers, EXCLUDED.entries, EXCLUDED.breaks, EXCLUDED.good_from,
         EXCLUDED.good_until, EXCLUDED.is_bulky)
    WHERE (s.offers, s.entries, s.breaks, s.good_from, s.good_until, s.is_bulky)
        IS DISTINCT FROM
          (EXCLUDED.offers, EXCLUDED.entries, EXCLUDED.breaks,
           EXCLUDED.good_from, EXCLUDED.good_until, EXCLUDED.is_bulky);
    RETURN taken;
END
$$
"""

# One mark a statement, or one for every few thousand variants of it; whose eyes it concerns are
# those that see any of its sources: sellers or price lists.
_MARK = f"""
    INSERT INTO discovery_marks (since, sources, variant_ids, many)
    SELECT clock_timestamp(), {{sources}}, array_agg(variant_id), count(*)
    FROM (
        SELECT variant_id, row_number() OVER () / {LARGEST_MARK} AS part
        FROM (SELECT DISTINCT variant_id FROM {{rows}}) each
    ) r
    GROUP BY part;
"""


def _marker(name: str, body: str) -> str:
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {body}
    RETURN NULL;
END
$$;
"""


def _of(source: str, rows: str) -> str:
    return _MARK.format(sources=f"ARRAY(SELECT {source} FROM {rows} GROUP BY 1)", rows=rows)


# That a location opens or closes waits for whoever adds stock to it, and sees all that lies there.
_STOCK = """
    PERFORM FROM inventory_locations WHERE id IN (SELECT location_id FROM changed)
    ORDER BY id FOR KEY SHARE;
""" + _MARK.format(
    sources="""ARRAY(
        SELECT l.seller_id FROM (SELECT location_id FROM changed GROUP BY 1) c
        JOIN inventory_locations l ON l.id = c.location_id
    )""",
    rows="changed",
)
_UNSHELVED = _MARK.format(
    sources="CAST('{}' AS uuid[])",
    rows="""fresh f WHERE NOT EXISTS (
            SELECT FROM discovery_shelves s WHERE s.variant_id = f.variant_id
        )""",
)
_OLD, _NEW = (f"GREATEST({_AVAILABLE.format(row)}, 0)" for row in ("OLD", "NEW"))
_OFFER_FACTS = (
    "{0}.seller_id, {0}.variant_id, {0}.status, {0}.minimum_quantity, {0}.order_step,"
    " {0}.valid_from, {0}.valid_to"
)
_CHANGED_OFFERS = f"""(
        SELECT n.seller_id, n.variant_id FROM fresh n JOIN stale o ON o.id = n.id
        WHERE ({_OFFER_FACTS.format("n")}) IS DISTINCT FROM ({_OFFER_FACTS.format("o")})
        UNION ALL
        SELECT o.seller_id, o.variant_id FROM fresh n JOIN stale o ON o.id = n.id
        WHERE (n.seller_id, n.variant_id) <> (o.seller_id, o.variant_id)
    )"""
# Old keys, too, where an entry was moved to another list or variant.
_MOVED_ENTRIES = """
    IF EXISTS (
        SELECT FROM stale o WHERE NOT EXISTS (
            SELECT FROM fresh n
            WHERE n.variant_id = o.variant_id AND n.price_list_id = o.price_list_id
        )
    ) THEN
        {mark}
    END IF;
"""
_HOLD_LOCATION = """
CREATE FUNCTION discovery_location_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM inventory_locations WHERE id = NEW.id FOR UPDATE;
    RETURN NEW;
END
$$;
"""
_OFFERS = _MARK.format(
    sources=f"ARRAY(SELECT seller_id FROM {_CHANGED_OFFERS} c GROUP BY 1)",
    rows=f"{_CHANGED_OFFERS} c",
)
_ENTRIES = _of("price_list_id", "fresh") + _MOVED_ENTRIES.format(mark=_of("price_list_id", "stale"))
_LOCATION = _MARK.format(
    sources="ARRAY[OLD.seller_id, NEW.seller_id]",
    rows="inventory_stock WHERE location_id = NEW.id",
)

MARKS = f"""
{_marker("discovery_offers_added", _of("seller_id", "fresh"))}
{_marker("discovery_offers_gone", _of("seller_id", "stale"))}
{_marker("discovery_offers_changed", _OFFERS)}
{_marker("discovery_entries_added", _of("price_list_id", "fresh"))}
{_marker("discovery_entries_gone", _of("price_list_id", "stale"))}
{_marker("discovery_entries_changed", _ENTRIES)}
{_marker("discovery_stock_written", _STOCK)}
{_marker("discovery_documents_added", _UNSHELVED)}
CREATE FUNCTION discovery_stock_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO discovery_marks (since, sources, variant_ids, many)
    SELECT clock_timestamp(), ARRAY[l.seller_id], ARRAY[NEW.variant_id], 1
    FROM inventory_locations l WHERE l.id = NEW.location_id;
    RETURN NULL;
END
$$;
{_HOLD_LOCATION}
CREATE FUNCTION discovery_locations_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_LOCATION}
    RETURN NULL;
END
$$;

CREATE TRIGGER discovery_documents_added AFTER INSERT ON discovery_documents
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_documents_added();
CREATE TRIGGER discovery_offers_added AFTER INSERT ON offers_offers
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_offers_added();
CREATE TRIGGER discovery_offers_gone AFTER DELETE ON offers_offers
    REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_offers_gone();
CREATE TRIGGER discovery_offers_changed AFTER UPDATE ON offers_offers
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_offers_changed();
CREATE TRIGGER discovery_entries_added AFTER INSERT ON pricing_entries
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_entries_added();
CREATE TRIGGER discovery_entries_gone AFTER DELETE ON pricing_entries
    REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_entries_gone();
CREATE TRIGGER discovery_entries_changed AFTER UPDATE ON pricing_entries
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_entries_changed();
CREATE TRIGGER discovery_stock_added AFTER INSERT ON inventory_stock
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION discovery_stock_written();
CREATE TRIGGER discovery_stock_changed AFTER UPDATE ON inventory_stock
    FOR EACH ROW WHEN ({_OLD} <> {_NEW} AND LEAST({_OLD}, {_NEW}) < {MARKED_BELOW})
    EXECUTE FUNCTION discovery_stock_changed();
CREATE TRIGGER discovery_location_held BEFORE UPDATE ON inventory_locations
    FOR EACH ROW WHEN ((OLD.is_active, OLD.seller_id) IS DISTINCT FROM (NEW.is_active, NEW.seller_id))
    EXECUTE FUNCTION discovery_location_held();
CREATE TRIGGER discovery_locations_changed AFTER UPDATE ON inventory_locations
    FOR EACH ROW WHEN ((OLD.is_active, OLD.seller_id) IS DISTINCT FROM (NEW.is_active, NEW.seller_id))
    EXECUTE FUNCTION discovery_locations_changed();
"""

# What is there already waits its turn.
FILL = f"""
INSERT INTO discovery_numbers (id)
SELECT id FROM network_organizations UNION ALL SELECT id FROM pricing_price_lists
ON CONFLICT DO NOTHING;
INSERT INTO discovery_marks (since, sources, variant_ids, many)
SELECT clock_timestamp(), '{{}}', array_agg(id), count(*)
FROM (SELECT id, row_number() OVER (ORDER BY id) / {LARGEST_MARK} AS part FROM catalog_variants) v
GROUP BY part
"""
_TRIGGERS = {
    "network_organizations": ("numbered",),
    "pricing_price_lists": ("numbered",),
    "discovery_documents": ("documents_added",),
    "offers_offers": ("offers_added", "offers_gone", "offers_changed"),
    "pricing_entries": ("entries_added", "entries_gone", "entries_changed"),
    "inventory_stock": ("stock_added", "stock_changed"),
    "inventory_locations": ("location_held", "locations_changed"),
}
_FUNCTIONS = (
    "number()", "pack(uuid[], timestamptz)", "shelve(timestamptz, integer)", "offers_added()",
    "offers_gone()", "offers_changed()", "entries_added()", "entries_gone()", "entries_changed()",
    "stock_written()", "stock_changed()", "location_held()", "locations_changed()",
    "documents_added()",
)  # fmt: skip


def upgrade() -> None:
    _tables()
    for statement in (NUMBERS, PACK, SHELVE, MARKS, FILL):
        op.execute(sa.text(statement.replace(":", "\\:")))


def _tables() -> None:
    op.create_table(
        "discovery_numbers",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovery_numbers")),
    )
    op.create_table(
        "discovery_shelves",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("offers", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("breaks", sa.LargeBinary(), nullable=False),
        sa.Column("good_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_bulky", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["catalog_variants.id"],
            ondelete="CASCADE",
            name=op.f("fk_discovery_shelves_variant_id"),
        ),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_discovery_shelves")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index(
        "ix_discovery_shelves_good_until",
        "discovery_shelves",
        ["good_until"],
        postgresql_where=sa.text("good_until < 'infinity'"),
    )
    op.create_table(
        "discovery_marks",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sources", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("variant_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("many", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_discovery_marks")),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 5000},
    )
    # Ids do not compress.
    op.execute("ALTER TABLE discovery_marks ALTER variant_ids SET STORAGE EXTERNAL")


def downgrade() -> None:
    for table, names in _TRIGGERS.items():
        for name in names:
            op.execute(f"DROP TRIGGER discovery_{name} ON {table}")
    for function in _FUNCTIONS:
        op.execute(f"DROP FUNCTION discovery_{function}")
    for table in ("marks", "shelves", "numbers"):
        op.drop_table(f"discovery_{table}")

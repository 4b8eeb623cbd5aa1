"""Stock as the sum of its movements; calendars, lots, incoming goods, holds, feeds, alarms."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STOCK, LOCATIONS, RESERVATIONS = "inventory_stock", "inventory_locations", "inventory_reservations"

REASONS = (
    "'opening', 'receipt', 'adjustment', 'count', 'feed', 'import', 'transfer', 'shipment',"
    " 'loss', 'return', 'expiry', 'correction'"
)

# Movements are what moves stock: whoever inserts some has them added to what is on hand, in the
# same statement; `held` of them leave what is reserved, too. A variant with lots gives from the lot
# that expires first, unless the movement names one.
APPLY = """
CREATE FUNCTION inventory_apply_movements() RETURNS trigger LANGUAGE plpgsql
-- Rows are found by key; plans cached while the tables were empty must, too.
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
DECLARE
    places bigint;
    found bigint;
    in_lots boolean;
    waited_for boolean;
BEGIN
    IF pg_trigger_depth() = 1 THEN
        WITH total AS (
            SELECT location_id, variant_id, sum(quantity)::integer AS quantity,
                   sum(held)::integer AS held
            FROM moved GROUP BY location_id, variant_id
        ), done AS (
            UPDATE inventory_stock s
            SET on_hand = s.on_hand + t.quantity, reserved = s.reserved - t.held
            FROM total t
            WHERE s.location_id = t.location_id AND s.variant_id = t.variant_id
            RETURNING s.is_lotted, s.promised > 0 AND t.quantity > 0 AS waited_for
        )
        SELECT (SELECT count(*) FROM total), count(*), bool_or(done.is_lotted),
               bool_or(done.waited_for)
        INTO places, found, in_lots, waited_for FROM done;
        IF places <> found THEN
            RAISE EXCEPTION 'a movement names stock that there is not'
                USING ERRCODE = 'DL005', CONSTRAINT = 'fk_inventory_movements_stock';
        END IF;
    ELSE
        SELECT bool_or(s.is_lotted), bool_or(s.promised > 0 AND m.quantity > 0)
        INTO in_lots, waited_for
        FROM moved m JOIN inventory_stock s USING (location_id, variant_id);
    END IF;
    IF in_lots THEN
        WITH named AS (
            SELECT id AS movement_id, lot_id, quantity FROM moved WHERE lot_id IS NOT NULL
        ), asked AS (
            SELECT m.id, m.location_id, m.variant_id, -m.quantity AS units,
                   sum(-m.quantity) OVER w + m.quantity AS since
            FROM moved m JOIN inventory_stock s USING (location_id, variant_id)
            WHERE m.lot_id IS NULL AND m.quantity < 0 AND s.is_lotted
            WINDOW w AS (PARTITION BY m.location_id, m.variant_id ORDER BY m.id)
        ), lying AS (
            SELECT l.id, l.location_id, l.variant_id, l.on_hand + COALESCE(n.units, 0) AS units,
                   sum(l.on_hand + COALESCE(n.units, 0)) OVER w
                   - l.on_hand - COALESCE(n.units, 0) AS since
            FROM inventory_lots l
            JOIN (SELECT DISTINCT location_id, variant_id FROM asked) a
              USING (location_id, variant_id)
            LEFT JOIN (SELECT lot_id, sum(quantity) AS units FROM named GROUP BY lot_id) n
              ON n.lot_id = l.id
            WHERE l.on_hand + COALESCE(n.units, 0) > 0
            WINDOW w AS (
                PARTITION BY l.location_id, l.variant_id ORDER BY l.expires_on NULLS LAST, l.id
            )
        ), drawn AS (
            SELECT a.id AS movement_id, l.id AS lot_id,
                   (GREATEST(a.since, l.since) - LEAST(a.since + a.units, l.since + l.units))
                   ::integer AS quantity
            FROM asked a JOIN lying l USING (location_id, variant_id)
            WHERE GREATEST(a.since, l.since) < LEAST(a.since + a.units, l.since + l.units)
        ), kept AS (
            INSERT INTO inventory_lot_movements (movement_id, lot_id, quantity)
            SELECT * FROM named UNION ALL SELECT * FROM drawn
            RETURNING lot_id, quantity
        )
        UPDATE inventory_lots l SET on_hand = l.on_hand + k.quantity
        FROM (SELECT lot_id, sum(quantity)::integer AS quantity FROM kept GROUP BY lot_id) k
        WHERE l.id = k.lot_id;
    END IF;
    IF waited_for THEN
        PERFORM inventory_fill(array_agg(location_id), array_agg(variant_id)) FROM moved;
    END IF;
    RETURN NULL;
END $$
"""

# Promised units become reserved ones, as far as there are units free: who was promised the earliest
# day first, and of these the oldest.
FILL = """
CREATE FUNCTION inventory_fill(locations uuid[], variants uuid[]) RETURNS bigint
LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
DECLARE
    filled bigint;
BEGIN
    WITH free AS MATERIALIZED (
        SELECT s.location_id, s.variant_id, s.on_hand - s.reserved - s.safety AS units
        FROM inventory_stock s
        WHERE (s.location_id, s.variant_id) IN (SELECT * FROM unnest(locations, variants))
          AND s.promised > 0 AND s.on_hand - s.reserved - s.safety > 0
        ORDER BY s.location_id, s.variant_id
        FOR NO KEY UPDATE
    ), waiting AS (
        SELECT r.id, r.promised, f.location_id, f.variant_id, f.units,
               sum(r.promised) OVER w - r.promised AS before
        FROM free f JOIN inventory_reservations r USING (location_id, variant_id)
        WHERE r.promised > 0
        WINDOW w AS (
            PARTITION BY f.location_id, f.variant_id
            ORDER BY r.due_on NULLS LAST, r.created_at, r.id
        )
    ), given AS (
        UPDATE inventory_reservations r
        SET promised = r.promised - LEAST(w.promised, w.units - w.before)
        FROM waiting w WHERE r.id = w.id AND w.before < w.units
        RETURNING w.location_id, w.variant_id, LEAST(w.promised, w.units - w.before) AS units
    ), done AS (
        UPDATE inventory_stock s
        SET reserved = s.reserved + g.units, promised = s.promised - g.units
        FROM (
            SELECT location_id, variant_id, sum(units)::integer AS units FROM given GROUP BY 1, 2
        ) g
        WHERE s.location_id = g.location_id AND s.variant_id = g.variant_id
        RETURNING g.units
    )
    SELECT COALESCE(sum(units), 0) INTO filled FROM done;
    RETURN filled;
END $$
"""

# Who writes stock past its movements is logged all the same, so that the sum holds for everybody.
LOG_INSERT = """
CREATE FUNCTION inventory_log_opening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO inventory_movements (location_id, variant_id, quantity, reason)
    SELECT location_id, variant_id, on_hand, 'opening' FROM added WHERE on_hand <> 0;
    UPDATE inventory_stock s SET low_at = l.low_at
    FROM added a JOIN inventory_locations l ON l.id = a.location_id
    WHERE l.low_at IS NOT NULL AND a.low_at IS NULL
      AND s.location_id = a.location_id AND s.variant_id = a.variant_id;
    RETURN NULL;
END $$
"""
LOG_UPDATE = """
CREATE FUNCTION inventory_log_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO inventory_movements (location_id, variant_id, quantity, reason)
    VALUES (NEW.location_id, NEW.variant_id, NEW.on_hand - OLD.on_hand, 'correction');
    RETURN NULL;
END $$
"""

# Which rows have become scarce, or no longer are: noted when it happens, told by a sweep.
WATCH = """
CREATE FUNCTION inventory_watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO inventory_watched (location_id, variant_id)
    VALUES (NEW.location_id, NEW.variant_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""

# When a location works, in one text: whoever reads where goods lie reads it beside, and who has
# read that text before needs not read it again. Closures that are long over are left out.
CALENDAR = """
CREATE FUNCTION inventory_calendar(location uuid, zone text, cutoffs time[]) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT zone || '|' || array_to_string(cutoffs, ',', '-') || '|' || COALESCE((
        SELECT string_agg(
            to_char(c.first_on, 'YYYY-MM-DD') || '/' || to_char(c.last_on, 'YYYY-MM-DD'), ','
            ORDER BY c.first_on, c.last_on
        )
        FROM inventory_closures c
        WHERE c.location_id = location AND c.last_on > CURRENT_DATE - 400
    ), '')
$$
"""
NOTE_CALENDAR = """
CREATE FUNCTION inventory_note_calendar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.calendar := inventory_calendar(NEW.id, NEW.time_zone, NEW.cutoffs);
    RETURN NEW;
END $$
"""
NOTE_CLOSURES = """
CREATE FUNCTION inventory_note_closures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE inventory_locations l SET calendar = inventory_calendar(l.id, l.time_zone, l.cutoffs)
    WHERE l.id IN (SELECT location_id FROM changed);
    RETURN NULL;
END $$
"""

TRIGGERS = (
    (
        "CREATE TRIGGER note_calendar BEFORE INSERT OR UPDATE OF time_zone, cutoffs"
        " ON inventory_locations FOR EACH ROW EXECUTE FUNCTION inventory_note_calendar()"
    ),
    *(
        f"CREATE TRIGGER note_{event.lower()} AFTER {event} ON inventory_closures"
        f" REFERENCING {rows} TABLE AS changed"
        " FOR EACH STATEMENT EXECUTE FUNCTION inventory_note_closures()"
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ),
    (
        "CREATE TRIGGER apply AFTER INSERT ON inventory_movements REFERENCING NEW TABLE AS moved"
        " FOR EACH STATEMENT EXECUTE FUNCTION inventory_apply_movements()"
    ),
    (
        "CREATE TRIGGER log_opening AFTER INSERT ON inventory_stock REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION inventory_log_opening()"
    ),
    (
        "CREATE TRIGGER log_correction AFTER UPDATE ON inventory_stock FOR EACH ROW"
        " WHEN (OLD.on_hand <> NEW.on_hand AND pg_trigger_depth() = 0)"
        " EXECUTE FUNCTION inventory_log_correction()"
    ),
    (
        "CREATE TRIGGER watch AFTER UPDATE ON inventory_stock FOR EACH ROW"
        " WHEN (((NEW.on_hand - NEW.reserved - NEW.safety < NEW.low_at) IS TRUE) <> NEW.is_low)"
        " EXECUTE FUNCTION inventory_watch()"
    ),
    (
        "CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON inventory_stock"
        " FOR EACH STATEMENT EXECUTE FUNCTION infra_refuse_change()"
    ),
    *(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION infra_refuse_change()"
        for table in ("inventory_movements", "inventory_lot_movements")
    ),
)


def upgrade() -> None:
    _locations()
    _stock()
    _reservations()
    _movements()
    _incoming()
    _feeds()
    for statement in (
        FILL, APPLY, LOG_INSERT, LOG_UPDATE, WATCH, CALENDAR, NOTE_CALENDAR, NOTE_CLOSURES,
    ):  # fmt: skip
        op.execute(statement)
    op.execute(f"UPDATE {LOCATIONS} SET calendar = inventory_calendar(id, time_zone, cutoffs)")
    # What lies there already was never logged: it is where the log begins.
    op.execute(
        "INSERT INTO inventory_movements (location_id, variant_id, quantity, reason)"
        " SELECT location_id, variant_id, on_hand, 'opening' FROM inventory_stock"
        " WHERE on_hand <> 0"
    )
    for statement in TRIGGERS:
        op.execute(statement)


def _locations() -> None:
    op.add_column(
        LOCATIONS, sa.Column("time_zone", sa.Text(), server_default="UTC", nullable=False)
    )
    op.add_column(
        LOCATIONS,
        sa.Column(
            "cutoffs",
            postgresql.ARRAY(sa.Time()),
            server_default=sa.text("'{17:00,17:00,17:00,17:00,17:00,NULL,NULL}'"),
            nullable=False,
        ),
    )
    op.add_column(LOCATIONS, sa.Column("low_at", sa.Integer()))
    op.add_column(
        LOCATIONS,
        sa.Column(
            "calendar",
            sa.Text(),
            server_default="UTC|17:00:00,17:00:00,17:00:00,17:00:00,17:00:00,-,-|",
            nullable=False,
        ),
    )
    op.create_check_constraint(
        op.f("ck_inventory_locations_calendar"),
        LOCATIONS,
        "cardinality(cutoffs) = 7 AND low_at >= 0",
    )
    op.create_table(
        "inventory_closures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_inventory_closures_period")),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["inventory_locations.id"],
            name=op.f("fk_inventory_closures_location_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_closures")),
    )
    op.create_index(
        "ix_inventory_closures_location", "inventory_closures", ["location_id", "last_on"]
    )


def _stock() -> None:
    for column in (
        sa.Column("promised", sa.Integer(), server_default="0", nullable=False),
        sa.Column("low_at", sa.Integer()),
        sa.Column("is_low_own", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_low", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_lotted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    ):
        op.add_column(STOCK, column)
    op.create_check_constraint(
        op.f("ck_inventory_stock_promised"), STOCK, "promised >= 0 AND low_at >= 0"
    )
    op.create_index(
        "ix_inventory_stock_promised",
        STOCK,
        ["location_id", "variant_id"],
        postgresql_where=sa.text("promised > 0"),
    )
    op.create_table(
        "inventory_watched",
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("location_id", "variant_id", name=op.f("pk_inventory_watched")),
    )


def _reservations() -> None:
    op.add_column(
        RESERVATIONS, sa.Column("promised", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(RESERVATIONS, sa.Column("due_on", sa.Date()))
    op.add_column(RESERVATIONS, sa.Column("expires_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_inventory_reservations_due",
        RESERVATIONS,
        ["expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index(
        "ix_inventory_reservations_promised",
        RESERVATIONS,
        ["location_id", "variant_id"],
        postgresql_where=sa.text("promised > 0"),
    )
    op.drop_constraint(op.f("ck_inventory_reservations_quantities"), RESERVATIONS, type_="check")
    op.create_check_constraint(
        op.f("ck_inventory_reservations_quantities"),
        RESERVATIONS,
        "quantity > 0 AND consumed >= 0 AND released >= 0 AND promised >= 0"
        " AND consumed + released + promised <= quantity",
    )
    op.create_table(
        "inventory_holds",
        sa.Column("cart_id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_inventory_holds_quantity")),
        _to_stock("inventory_holds"),
        sa.PrimaryKeyConstraint(
            "cart_id", "location_id", "variant_id", name=op.f("pk_inventory_holds")
        ),
    )
    op.add_column("ordering_carts", sa.Column("reserved_until", sa.DateTime(timezone=True)))
    op.add_column(
        "storefronts_storefronts",
        sa.Column("cart_minutes", sa.Integer(), server_default="1440", nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_storefronts_storefronts_carts"),
        "storefronts_storefronts",
        "cart_minutes BETWEEN 0 AND 10080",
    )
    op.create_index("ix_inventory_holds_due", "inventory_holds", ["expires_at"])
    op.create_index("ix_inventory_holds_stock", "inventory_holds", ["location_id", "variant_id"])


def _to_stock(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["location_id", "variant_id"],
        ["inventory_stock.location_id", "inventory_stock.variant_id"],
        name=op.f(f"fk_{table}_location_id_variant_id"),
    )


def _movements() -> None:
    op.create_table(
        "inventory_lots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date()),
        sa.Column("on_hand", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_inventory_lots_on_hand")),
        _to_stock("inventory_lots"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_lots")),
        sa.UniqueConstraint(
            "location_id",
            "variant_id",
            "code",
            name=op.f("uq_inventory_lots_location_id_variant_id_code"),
        ),
    )
    op.create_index(
        "ix_inventory_lots_expiry",
        "inventory_lots",
        ["expires_on"],
        postgresql_where=sa.text("on_hand > 0"),
    )
    op.create_table(
        "inventory_movements",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lot_id", sa.Uuid()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("code", sa.Text()),
        sa.Column("reference", sa.Text()),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint(f"reason IN ({REASONS})", name=op.f("ck_inventory_movements_reason")),
        sa.CheckConstraint(
            "quantity <> 0 AND held >= 0 AND (held = 0 OR held <= -quantity)",
            name=op.f("ck_inventory_movements_quantity"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_movements")),
    )
    op.create_index(
        "ix_inventory_movements_stock", "inventory_movements", ["location_id", "variant_id", "id"]
    )
    op.create_table(
        "inventory_lot_movements",
        sa.Column("movement_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["movement_id"],
            ["inventory_movements.id"],
            name=op.f("fk_inventory_lot_movements_movement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["inventory_lots.id"], name=op.f("fk_inventory_lot_movements_lot_id")
        ),
        sa.PrimaryKeyConstraint("movement_id", "lot_id", name=op.f("pk_inventory_lot_movements")),
    )
    op.create_index("ix_inventory_lot_movements_lot", "inventory_lot_movements", ["lot_id"])


def _incoming() -> None:
    op.create_table(
        "inventory_incoming",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "quantity >= 0 AND received >= 0", name=op.f("ck_inventory_incoming_quantities")
        ),
        _to_stock("inventory_incoming"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_incoming")),
        sa.UniqueConstraint(
            "location_id",
            "variant_id",
            "reference",
            name=op.f("uq_inventory_incoming_location_id_variant_id_reference"),
        ),
    )
    op.create_index(
        "ix_inventory_incoming_open",
        "inventory_incoming",
        ["variant_id", "location_id", "due_on"],
        postgresql_where=sa.text("received < quantity"),
    )


def _feeds() -> None:
    op.create_table(
        "inventory_feeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("applied", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("passed", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["network_organizations.id"], name=op.f("fk_inventory_feeds_seller_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_feeds")),
        sa.UniqueConstraint("seller_id", "code", name=op.f("uq_inventory_feeds_seller_id_code")),
    )
    op.create_table(
        "inventory_feed_messages",
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("lines", postgresql.JSONB()),
        sa.Column("result", postgresql.JSONB(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('absolute', 'delta')", name=op.f("ck_inventory_feed_messages_kind")
        ),
        sa.CheckConstraint(
            "status IN ('applied', 'held', 'ignored')",
            name=op.f("ck_inventory_feed_messages_status"),
        ),
        sa.CheckConstraint(
            "status <> 'held' OR lines IS NOT NULL", name=op.f("ck_inventory_feed_messages_lines")
        ),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["inventory_feeds.id"], name=op.f("fk_inventory_feed_messages_feed_id")
        ),
        sa.PrimaryKeyConstraint("feed_id", "sequence", name=op.f("pk_inventory_feed_messages")),
    )
    op.create_index(
        "ix_inventory_feed_messages_received", "inventory_feed_messages", ["received_at"]
    )


def downgrade() -> None:
    for trigger, table in (
        ("kept", STOCK), ("watch", STOCK), ("log_correction", STOCK), ("log_opening", STOCK),
        ("note_calendar", LOCATIONS),
    ):  # fmt: skip
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for name in (
        "feed_messages", "feeds", "incoming", "lot_movements", "movements", "lots", "holds",
        "watched", "closures",
    ):  # fmt: skip
        op.drop_table(f"inventory_{name}")
    for function in (
        "inventory_watch()", "inventory_log_correction()", "inventory_log_opening()",
        "inventory_apply_movements()", "inventory_fill(uuid[], uuid[])",
        "inventory_note_closures()", "inventory_note_calendar()",
        "inventory_calendar(uuid, text, time[])",
    ):  # fmt: skip
        op.execute(f"DROP FUNCTION {function}")
    op.drop_column("ordering_carts", "reserved_until")
    op.drop_column("storefronts_storefronts", "cart_minutes")
    op.drop_constraint(op.f("ck_inventory_reservations_quantities"), RESERVATIONS, type_="check")
    op.drop_index("ix_inventory_reservations_promised", RESERVATIONS)
    op.drop_index("ix_inventory_reservations_due", RESERVATIONS)
    op.execute(f"DELETE FROM {RESERVATIONS} WHERE expires_at IS NOT NULL")
    op.drop_column(RESERVATIONS, "expires_at")
    op.drop_column(RESERVATIONS, "due_on")
    op.drop_column(RESERVATIONS, "promised")
    op.create_check_constraint(
        op.f("ck_inventory_reservations_quantities"),
        RESERVATIONS,
        "quantity > 0 AND consumed >= 0 AND released >= 0 AND consumed + released <= quantity",
    )
    op.drop_index("ix_inventory_stock_promised", STOCK)
    op.drop_constraint(op.f("ck_inventory_stock_promised"), STOCK, type_="check")
    for column in ("promised", "low_at", "is_low_own", "is_low", "is_lotted"):
        op.drop_column(STOCK, column)
    op.drop_constraint(op.f("ck_inventory_locations_calendar"), LOCATIONS, type_="check")
    for column in ("time_zone", "cutoffs", "low_at", "calendar"):
        op.drop_column(LOCATIONS, column)

"""The ledger keeps its own laws: posting, immutability, balance; periods claim journals."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Accounts before journals before balances, each in the order of its key: two posts that share
# some of them meet in the same order and never wait for each other in a circle.
POST = """
CREATE FUNCTION ledger_post(accounts jsonb, journals jsonb, entries jsonb) RETURNS uuid[]
LANGUAGE plpgsql
-- A post touches a handful of rows by key; plans cached while the tables were empty must, too.
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
DECLARE
    fresh uuid[];
    asked uuid[];
    breach record;
BEGIN
    WITH made AS (
        INSERT INTO ledger_accounts (id, code, owner_id, reference_id, currency, floor)
        SELECT n.id, n.code, n.owner_id, n.reference_id, n.currency, n.floor
        FROM jsonb_to_recordset(accounts) AS n(
            id uuid, code smallint, owner_id uuid, reference_id uuid, currency char(3), floor text)
        WHERE NOT EXISTS (SELECT FROM ledger_accounts k WHERE k.id = n.id)
        ORDER BY n.id
        ON CONFLICT DO NOTHING
        RETURNING id, floor
    )
    INSERT INTO ledger_balances (account_id) SELECT id FROM made WHERE floor <> 'none';

    WITH posted AS (
        INSERT INTO ledger_journals
            (id, event_key, kind, order_id, occurred_at, reverses_id, actor_id, reason)
        SELECT n.id, n.event_key, n.kind, n.order_id, n.occurred_at, n.reverses_id, n.actor_id,
               n.reason
        FROM jsonb_to_recordset(journals) AS n(
            id uuid, event_key text, kind text, order_id uuid, occurred_at timestamptz,
            reverses_id uuid, actor_id uuid, reason text)
        ORDER BY n.event_key
        ON CONFLICT (event_key) DO NOTHING
        RETURNING id
    )
    SELECT array_agg(id) INTO fresh FROM posted;

    IF fresh IS NOT NULL THEN
        INSERT INTO ledger_entries (journal_id, line_no, account_id, amount_minor, currency)
        SELECT n.journal_id, n.line_no, n.account_id, n.amount_minor, a.currency
        FROM jsonb_to_recordset(entries) AS n(
            journal_id uuid, line_no smallint, account_id uuid, amount_minor bigint)
        JOIN ledger_accounts a ON a.id = n.account_id
        WHERE n.journal_id = ANY(fresh);

        PERFORM FROM ledger_balances
        WHERE account_id IN (
            SELECT n.account_id FROM jsonb_to_recordset(entries) AS n(journal_id uuid, account_id uuid)
            WHERE n.journal_id = ANY(fresh))
        ORDER BY account_id FOR UPDATE;

        WITH moved AS (
            UPDATE ledger_balances b
            SET amount_minor = b.amount_minor + n.amount_minor, version = b.version + 1
            FROM (
                SELECT account_id, sum(amount_minor)::bigint AS amount_minor
                FROM jsonb_to_recordset(entries) AS e(
                    journal_id uuid, account_id uuid, amount_minor bigint)
                WHERE journal_id = ANY(fresh) GROUP BY account_id
            ) AS n
            WHERE b.account_id = n.account_id
            RETURNING b.account_id, b.amount_minor, n.amount_minor AS change
        )
        SELECT a.code, a.owner_id, a.reference_id, a.currency,
               m.amount_minor - m.change AS before_minor, m.change INTO breach
        FROM moved m JOIN ledger_accounts a ON a.id = m.account_id
        WHERE (a.floor = 'debit' AND m.amount_minor < 0)
           OR (a.floor = 'credit' AND m.amount_minor > 0)
        ORDER BY a.code, a.id LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'account % would cross its floor', breach.code USING
                ERRCODE = 'DL001', CONSTRAINT = 'ck_ledger_balances_floor',
                DETAIL = json_build_object(
                    'account_code', breach.code, 'owner_id', breach.owner_id,
                    'reference_id', breach.reference_id, 'currency', breach.currency,
                    'held_minor', abs(breach.before_minor), 'moved_minor', abs(breach.change))::text;
        END IF;
    END IF;

    SELECT array_agg(j.id ORDER BY n.position) INTO asked
    FROM ROWS FROM (jsonb_to_recordset(journals) AS (event_key text))
        WITH ORDINALITY AS n(event_key, position)
    JOIN ledger_journals j ON j.event_key = n.event_key;
    RETURN asked;
END $$
"""

UNCHANGEABLE = """
CREATE FUNCTION infra_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'DL002';
END $$
"""

CHECK_ENTRIES = """
CREATE FUNCTION ledger_check_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM added n
    JOIN ledger_journals j ON j.id = n.journal_id
    JOIN ledger_accounts a ON a.id = n.account_id
    WHERE j.transaction_id <> pg_current_xact_id()::text::bigint OR a.currency <> n.currency;
    IF FOUND THEN
        RAISE EXCEPTION 'entries belong to the transaction of their journal and to the currency'
            ' of their account' USING ERRCODE = 'DL003';
    END IF;
    RETURN NULL;
END $$
"""

CHECK_JOURNAL = """
CREATE FUNCTION ledger_check_journal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lines bigint;
    off boolean;
BEGIN
    SELECT sum(class.lines), bool_or(class.total <> 0) INTO lines, off
    FROM (
        SELECT count(*) AS lines, sum(e.amount_minor) AS total
        FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
        WHERE e.journal_id = NEW.id
        GROUP BY e.currency, a.code >= 9000
    ) AS class;
    IF lines IS NULL OR lines < 2 OR off THEN
        RAISE EXCEPTION 'journal % does not balance', NEW.event_key
            USING ERRCODE = 'DL004', CONSTRAINT = 'ck_ledger_journals_balanced';
    END IF;
    RETURN NULL;
END $$
"""

IMPLIED = {
    "order_id": "ordering_orders",
    "order_line_id": "ordering_order_lines",
    "seller_order_id": "ordering_seller_orders",
    "allocation_id": "ordering_allocations",
    "shipment_id": "fulfilment_shipments",
}
APPEND_ONLY = ("ledger_journals", "ledger_entries", "infra_audit_records")


def upgrade() -> None:
    _tables()
    for function in (POST, UNCHANGEABLE, CHECK_ENTRIES, CHECK_JOURNAL):
        op.execute(function)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION infra_refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER belong AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_entries()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_journals"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_journal()"
    )


def _tables() -> None:
    op.create_index(
        "ix_network_organizations_operator",
        "network_organizations",
        ["id"],
        postgresql_where=sa.text("kinds @> '{operator}'"),
    )
    op.create_index(
        "ix_ledger_accounts_creditor",
        "ledger_accounts",
        ["reference_id"],
        postgresql_where=sa.text("code IN (1300, 2710, 9200, 9201)"),
    )
    op.add_column(
        "ledger_journals",
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
    )
    op.add_column("payments_payments", sa.Column("creditor_id", sa.Uuid(), nullable=False))
    op.create_foreign_key(
        op.f("fk_payments_payments_creditor_id"),
        "payments_payments",
        "network_organizations",
        ["creditor_id"],
        ["id"],
    )
    op.drop_constraint("uq_payments_payments_method_reference", "payments_payments", type_="unique")
    op.create_unique_constraint(
        op.f("uq_payments_payments_creditor_id_method_reference"),
        "payments_payments",
        ["creditor_id", "method", "reference"],
    )
    op.add_column("settlement_splits", sa.Column("journal_id", sa.Uuid(), nullable=False))
    op.create_foreign_key(
        op.f("fk_settlement_splits_journal_id"),
        "settlement_splits",
        "ledger_journals",
        ["journal_id"],
        ["id"],
    )
    op.create_index("ix_settlement_splits_journal", "settlement_splits", ["journal_id"])
    op.drop_index("ix_settlement_splits_organization", "settlement_splits")
    op.create_index(
        "ix_settlement_splits_organization", "settlement_splits", ["organization_id", "id"]
    )
    for column in IMPLIED:
        op.drop_constraint(
            op.f(f"fk_settlement_splits_{column}"), "settlement_splits", type_="foreignkey"
        )
    op.create_foreign_key(
        op.f("fk_settlement_splits_shipment_id_allocation_id"),
        "settlement_splits",
        "fulfilment_shipment_lines",
        ["shipment_id", "allocation_id"],
        ["shipment_id", "allocation_id"],
    )
    op.create_table(
        "settlement_periods",
        sa.Column("period_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("period_to > period_from", name=op.f("ck_settlement_periods_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_periods")),
        sa.UniqueConstraint("period_from", name=op.f("uq_settlement_periods_period_from")),
    )
    op.create_table(
        "settlement_period_journals",
        sa.Column("journal_id", sa.Uuid(), nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["journal_id"],
            ["ledger_journals.id"],
            name=op.f("fk_settlement_period_journals_journal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["settlement_periods.id"],
            name=op.f("fk_settlement_period_journals_period_id"),
        ),
        sa.PrimaryKeyConstraint("journal_id", name=op.f("pk_settlement_period_journals")),
    )
    op.create_index(
        "ix_settlement_period_journals_period",
        "settlement_period_journals",
        ["period_id", "journal_id"],
    )
    op.add_column("settlement_statements", sa.Column("period_id", sa.Uuid(), nullable=False))
    op.create_foreign_key(
        op.f("fk_settlement_statements_period_id"),
        "settlement_statements",
        "settlement_periods",
        ["period_id"],
        ["id"],
    )


def downgrade() -> None:
    op.drop_index("ix_network_organizations_operator", "network_organizations")
    op.drop_constraint(
        op.f("fk_settlement_statements_period_id"), "settlement_statements", type_="foreignkey"
    )
    op.drop_column("settlement_statements", "period_id")
    op.drop_table("settlement_period_journals")
    op.drop_table("settlement_periods")
    op.drop_constraint(
        op.f("fk_settlement_splits_shipment_id_allocation_id"),
        "settlement_splits",
        type_="foreignkey",
    )
    for column, table in IMPLIED.items():
        op.create_foreign_key(
            op.f(f"fk_settlement_splits_{column}"), "settlement_splits", table, [column], ["id"]
        )
    op.drop_index("ix_settlement_splits_organization", "settlement_splits")
    op.create_index(
        "ix_settlement_splits_organization", "settlement_splits", ["organization_id", "booked_at"]
    )
    op.drop_index("ix_settlement_splits_journal", "settlement_splits")
    op.drop_column("settlement_splits", "journal_id")
    op.drop_constraint(
        "uq_payments_payments_creditor_id_method_reference", "payments_payments", type_="unique"
    )
    op.drop_column("payments_payments", "creditor_id")
    op.create_unique_constraint(
        op.f("uq_payments_payments_method_reference"), "payments_payments", ["method", "reference"]
    )
    op.execute("DROP TRIGGER balanced ON ledger_journals")
    op.execute("DROP TRIGGER belong ON ledger_entries")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER append_only ON {table}")
    op.drop_column("ledger_journals", "transaction_id")
    op.drop_index("ix_ledger_accounts_creditor", "ledger_accounts")
    for function in (
        "ledger_check_journal()", "ledger_check_entries()", "infra_refuse_change()",
        "ledger_post(jsonb, jsonb, jsonb)",
    ):  # fmt: skip
        op.execute(f"DROP FUNCTION {function}")

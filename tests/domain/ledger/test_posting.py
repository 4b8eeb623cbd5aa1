# ruff: noqa: S608 - statements made of constants
"""Posting: once per fact, never below a floor, never changed."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.infra.auth import Caller
from app.kernel.paging import PageRequest
from app.ledger import operations, queries
from app.ledger.errors import AlreadyReversed, FloorBreached, JournalNotFound
from app.ledger.operations import AccountRef, Code, JournalDraft, credit, debit, transfer
from tests.conftest import NOW

DIETER, WANDA, ORDER = uuid.UUID(int=11), uuid.UUID(int=12), uuid.UUID(int=99)
BANK = AccountRef(Code.BANK, "EUR")
DIETERS = AccountRef(Code.PAYABLE_AVAILABLE, "EUR", DIETER)
WANDAS = AccountRef(Code.PAYABLE_AVAILABLE, "EUR", WANDA)
OPERATOR = Caller(uuid.UUID(int=1), uuid.UUID(int=2), frozenset({"operator"}), frozenset())


def draft(event_key, lines, **more):
    return JournalDraft(event_key=event_key, kind="test", occurred_at=NOW, lines=lines, **more)


def paid_in(account, amount, key="in"):
    return draft(key, transfer(amount, debit_to=BANK, credit_to=account), order_id=ORDER)


def holds(session, account):
    return queries.amounts_of(session, accounts=[account])[account]


def counted(session, table):
    return len(session.execute(text("TABLE " + table)).all())


LOSE_A_LINE = """
    ALTER TABLE ledger_entries DISABLE TRIGGER USER; DELETE FROM ledger_entries WHERE line_no = 2
"""
AT_COMMIT = text("SET CONSTRAINTS ALL IMMEDIATE")
EMPTY_JOURNAL = (
    "INSERT INTO ledger_journals (id, event_key, kind, occurred_at)"
    " VALUES ('00000000-0000-0000-0000-000000000063', 'made by hand', 'test', now())"
)


def one_journal(session):
    [journal] = operations.post(session, journals=[paid_in(DIETERS, 900)])
    return journal


def entries_of(journal, *rows):
    lines = ", ".join(f"('{journal}', {row})" for row in rows)
    return "INSERT INTO ledger_entries VALUES " + lines


def attempt(session, statements):
    with session.begin_nested():
        for statement in statements:
            session.execute(text(statement) if isinstance(statement, str) else statement)


def refused(session, match, *statements):
    with pytest.raises(DBAPIError, match=match):
        attempt(session, statements)


class TestAPost:
    def test_moves_running_balances(self, session):
        operations.post(session, journals=[paid_in(DIETERS, 10_000)])
        operations.post(
            session, journals=[draft("m", transfer(2_500, debit_to=DIETERS, credit_to=WANDAS))]
        )
        assert (holds(session, DIETERS), holds(session, WANDAS)) == (-7_500, -2_500)

    def test_books_a_fact_once(self, session):
        first = operations.post(session, journals=[paid_in(DIETERS, 700)])
        again = operations.post(session, journals=[paid_in(DIETERS, 700)])
        assert first == again
        assert holds(session, DIETERS) == -700
        assert counted(session, "ledger_entries") == 2

    def test_books_a_fact_once_even_within_one_call(self, session):
        ids = operations.post(session, journals=[paid_in(DIETERS, 7), paid_in(DIETERS, 7)])
        assert len(set(ids)) == 1
        assert holds(session, DIETERS) == -7

    def test_answers_in_the_order_in_which_it_was_asked(self, session):
        [old] = operations.post(session, journals=[paid_in(DIETERS, 5, key="b")])
        ids = operations.post(
            session, journals=[paid_in(DIETERS, 5, key=key) for key in ("c", "b", "a")]
        )
        assert ids[1] == old
        keys = dict(session.execute(text("SELECT id, event_key FROM ledger_journals")).all())
        assert [keys[journal] for journal in ids] == ["c", "b", "a"]

    def test_sums_all_its_journals_before_it_looks_at_floors(self, session):
        out = draft("out", transfer(300, debit_to=DIETERS, credit_to=WANDAS))
        operations.post(session, journals=[out, paid_in(DIETERS, 300)])
        assert (holds(session, DIETERS), holds(session, WANDAS)) == (0, -300)

    def test_keeps_no_running_balance_of_accounts_without_a_floor(self, session):
        operations.post(session, journals=[paid_in(DIETERS, 1)])
        assert counted(session, "ledger_balances") == 1

    def test_keeps_currencies_apart(self, session):
        dollars = [
            debit(AccountRef(Code.BANK, "USD"), 40),
            credit(AccountRef(Code.PAYABLE_AVAILABLE, "USD", DIETER), 40),
        ]
        operations.post(session, journals=[paid_in(DIETERS, 30), draft("usd", dollars)])
        rows = queries.balances_of(session, organization_id=DIETER)
        assert [(row.currency, row.amount_minor) for row in rows] == [("EUR", -30), ("USD", -40)]


class TestAFloor:
    def test_refuses_money_that_is_not_there_and_says_whose(self, session):
        operations.post(session, journals=[paid_in(DIETERS, 100)])
        with pytest.raises(FloorBreached) as refused, session.begin_nested():
            operations.post(
                session, journals=[draft("w", transfer(101, debit_to=DIETERS, credit_to=WANDAS))]
            )
        assert refused.value.details == {
            "account_code": 2210,
            "owner_id": str(DIETER),
            "reference_id": None,
            "currency": "EUR",
            "held_minor": 100,
            "moved_minor": 101,
        }
        assert holds(session, DIETERS) == -100

    def test_lets_the_last_cent_go(self, session):
        operations.post(session, journals=[paid_in(DIETERS, 100)])
        operations.post(
            session, journals=[draft("w", transfer(100, debit_to=DIETERS, credit_to=WANDAS))]
        )
        assert holds(session, DIETERS) == 0

    def test_guards_debit_accounts_too(self, session):
        receivable = AccountRef(Code.SELLER_RECEIVABLE, "EUR", DIETER)
        with pytest.raises(FloorBreached), session.begin_nested():
            operations.post(
                session, journals=[draft("x", transfer(1, debit_to=BANK, credit_to=receivable))]
            )


class TestAReversal:
    def test_is_the_mirror_image_once(self, session):
        [journal] = operations.post(session, journals=[paid_in(DIETERS, 900)])
        undo = draft("undo", [], reason="typed twice")
        operations.reverse(session, journal_id=journal, draft=undo)
        assert holds(session, DIETERS) == 0
        operations.post(session, journals=[paid_in(DIETERS, 900, key="again")])
        with pytest.raises(AlreadyReversed), session.begin_nested():
            operations.reverse(session, journal_id=journal, draft=draft("undo 2", []))

    def test_needs_a_journal(self, session):
        with pytest.raises(JournalNotFound):
            operations.reverse(session, journal_id=uuid.uuid5(ORDER, "x"), draft=draft("u", []))


class TestTheBooks:
    @pytest.mark.parametrize("action", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
    @pytest.mark.parametrize(
        ("table", "column"),
        [
            ("ledger_journals", "kind"),
            ("ledger_entries", "amount_minor"),
            ("infra_audit_records", "action"),
        ],
    )
    def test_are_never_changed(self, session, table, column, action):
        operations.post(session, journals=[paid_in(DIETERS, 900)])
        session.execute(AT_COMMIT)
        statement = action.format(table, column, column)
        if action.startswith("TRUNCATE"):
            statement += " CASCADE"
        refused(session, "append-only", statement)

    def test_refuse_an_entry_in_another_currency_than_its_account(self, session):
        journal = one_journal(session)
        refused(session, "currency", entries_of(journal, f"3, '{DIETERS.id}', 5, 'USD'"))

    def test_refuse_a_journal_that_does_not_balance_at_commit(self, session):
        journal = one_journal(session)
        refused(
            session,
            "does not balance",
            entries_of(journal, f"3, '{DIETERS.id}', 5, 'EUR'"),
            AT_COMMIT,
        )

    def test_refuse_memo_lines_that_balance_only_with_money(self, session):
        one_journal(session)
        memo = AccountRef(Code.CREDIT_EXPOSURE_CONTRA, "EUR", DIETER, WANDA)
        refused(
            session,
            "does not balance",
            "INSERT INTO ledger_accounts (id, code, owner_id, reference_id, currency, floor)"
            f" VALUES ('{memo.id}', 9201, '{DIETER}', '{WANDA}', 'EUR', 'none')",
            EMPTY_JOURNAL,
            entries_of(ORDER, f"1, '{memo.id}', 5, 'EUR'", f"2, '{DIETERS.id}', -5, 'EUR'"),
            AT_COMMIT,
        )

    def test_refuse_a_journal_without_lines(self, session):
        refused(session, "does not balance", EMPTY_JOURNAL, AT_COMMIT)

    def test_refuse_a_line_that_comes_in_a_later_transaction(self, sessions):
        with sessions() as session:
            journal = one_journal(session)
            session.commit()
            late = entries_of(
                journal, f"3, '{DIETERS.id}', 5, 'EUR'", f"4, '{DIETERS.id}', -5, 'EUR'"
            )
            refused(session, "transaction of their journal", late)


class TestJournals:
    def test_show_each_organization_its_own_lines_only(self, session):
        operations.post(session, journals=[paid_in(DIETERS, 10_000)])
        operations.post(
            session,
            journals=[
                draft("m", transfer(2_500, debit_to=DIETERS, credit_to=WANDAS), order_id=ORDER)
            ],
        )
        wanda = Caller(WANDA, WANDA, frozenset({"wholesaler"}), frozenset())
        page = queries.list_journals(session, caller=wanda, page=PageRequest(), order_id=ORDER)
        assert [
            [(line.account_code, line.amount_minor) for line in journal.lines]
            for journal in page.items
        ] == [[(2210, -2_500)]]
        everything = queries.list_journals(session, caller=OPERATOR, page=PageRequest())
        assert [len(journal.lines) for journal in everything.items] == [2, 2]

    def test_come_in_pages(self, session):
        operations.post(
            session,
            journals=[
                JournalDraft(
                    event_key=str(n),
                    kind="test",
                    occurred_at=NOW + timedelta(seconds=n),
                    lines=transfer(1, debit_to=BANK, credit_to=DIETERS),
                )
                for n in range(5)
            ],
        )
        first = queries.list_journals(session, caller=OPERATOR, page=PageRequest(limit=3))
        rest = queries.list_journals(
            session, caller=OPERATOR, page=PageRequest(after=first.items[-1].id, limit=3)
        )
        assert [journal.event_key for journal in (*first.items, *rest.items)] == list("01234")
        assert (first.next_cursor is None, rest.next_cursor is None) == (False, True)


class TestVerification:
    def test_proves_sound_books(self, session):
        operations.post(session, journals=[paid_in(DIETERS, 10_000)])
        found = queries.verify(session)
        assert all(proof.holds for proof in found)
        assert [proof.checked for proof in found] == [1, 1, 1, 1, 2, 2]

    @pytest.mark.parametrize(
        ("damage", "broken"),
        [
            (
                "UPDATE ledger_balances SET amount_minor = amount_minor + 1",
                {"running balances equal the sums of their entries"},
            ),
            (
                "UPDATE ledger_balances SET amount_minor = 5",
                {
                    "running balances equal the sums of their entries",
                    "no account has crossed its floor",
                },
            ),
            (
                "UPDATE ledger_accounts SET floor = 'none' WHERE code = 2210",
                {
                    "accounts follow the chart",
                    "running balances equal the sums of their entries",
                },
            ),
            (
                "UPDATE ledger_accounts SET currency = 'USD' WHERE code = 2210",
                {"entries are in the currency of their account"},
            ),
            (
                LOSE_A_LINE,
                {
                    "every journal sums to zero, memo lines apart",
                    "the whole ledger sums to zero",
                    "running balances equal the sums of their entries",
                },
            ),
        ],
    )
    def test_finds_damage(self, session, damage, broken):
        operations.post(session, journals=[paid_in(DIETERS, 10_000)])
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        for statement in damage.split(";"):
            session.execute(text(statement))
        assert {proof.name for proof in queries.verify(session) if not proof.holds} == broken

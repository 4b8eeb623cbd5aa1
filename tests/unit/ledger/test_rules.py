"""Drafts: tidied, checked; accounts named by what they are."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ledger.errors import JournalUnbalanced
from app.ledger.rules import CHART, AccountRef, Code, JournalDraft, credit, debit, tidied, transfer
from tests.conftest import NOW

OWNER = uuid.UUID(int=1)
BANK = AccountRef(Code.BANK, "EUR")
DOLLARS = AccountRef(Code.BANK, "USD")
HELD = AccountRef(Code.PAYABLE_AVAILABLE, "EUR", OWNER)
EXPOSED = AccountRef(Code.CREDIT_EXPOSURE, "EUR", OWNER)


def draft(*lines):
    return JournalDraft(event_key="test", kind="test", occurred_at=NOW, lines=lines)


class TestADraft:
    def test_keeps_one_line_per_account_and_no_zeros(self):
        tidy = tidied(
            draft(debit(BANK, 500), debit(BANK, 250), credit(HELD, 750), debit(DOLLARS, 0))
        )
        assert [(line.account, line.amount_minor) for line in tidy.lines] == [
            (BANK, 750),
            (HELD, -750),
        ]

    @pytest.mark.parametrize(
        "lines",
        [
            [debit(BANK, 1)],
            [debit(BANK, 500), credit(HELD, 499)],
            [debit(DOLLARS, 500), credit(HELD, 500)],
            [debit(BANK, 500), credit(EXPOSED, 500)],
            [],
            transfer(100, debit_to=BANK, credit_to=BANK),
        ],
        ids=["one line", "off by one", "two currencies", "memo and money", "nothing", "circle"],
    )
    def test_is_refused_when_it_does_not_balance(self, lines):
        with pytest.raises(JournalUnbalanced):
            tidied(draft(*lines))

    @given(st.lists(st.integers(1, 10**12), min_size=1, max_size=9))
    def test_balances_when_made_of_transfers(self, amounts):
        lines = [
            line for amount in amounts for line in transfer(amount, debit_to=BANK, credit_to=HELD)
        ]
        assert sum(line.amount_minor for line in tidied(draft(*lines)).lines) == 0


class TestAnAccount:
    def test_has_an_id_that_depends_on_every_part_of_it(self):
        other = uuid.UUID(int=2)
        refs = [
            AccountRef(code, currency, owner, reference)
            for code in (Code.PAYABLE_HELD, Code.PAYABLE_WAITING)
            for currency in ("EUR", "USD")
            for owner in (None, OWNER, other)
            for reference in (None, OWNER, other)
        ]
        assert len({ref.id for ref in refs}) == len(refs)

    def test_keeps_its_id_for_ever(self):
        assert BANK.id == uuid.UUID("4b4e93e1-f019-525d-822b-dd3063c94543")
        assert HELD.id == uuid.UUID("df9e58ab-3364-50c6-ab03-c9ecaad696bf")


def test_the_chart_keeps_money_from_crossing_to_the_wrong_side():
    for sort in CHART.values():
        assert sort.floor in ("none", sort.side)

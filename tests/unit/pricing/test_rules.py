"""Which price holds, told one rule at a time; the database's copy is compared elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.kernel.ids import new_id
from app.kernel.money import UnitPrice
from app.kernel.period import Period
from app.pricing import rules

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALWAYS = Period(NOW - timedelta(days=30))
BUYER, SHOP, OWNER, DRILL = (new_id() for _ in range(4))
CONTEXT = rules.Context(
    storefront_id=SHOP, buyer_id=BUYER, customer_group="gold", currency="EUR", at=NOW
)


def an_entry(amount_minor: int = 1000, *, from_quantity: int = 1, period: Period = ALWAYS):
    return rules.Entry(
        entry_id=new_id(),
        from_quantity=from_quantity,
        price=UnitPrice(amount_minor),
        period=period,
    )


def a_list(*entries: rules.Entry, age_days: int = 9, **assignment) -> rules.Candidate:
    return rules.Candidate(
        price_list_id=new_id(),
        purpose="sale",
        currency="EUR",
        period=ALWAYS,
        created_at=NOW - timedelta(days=age_days),
        assignments=[rules.Assignment(**assignment)],
        entries=entries,
    )


def choose(*lists: rules.Candidate, quantity: int = 1, **ask) -> rules.Choice:
    wanted = rules.Ask(
        line_no=0,
        owner_id=OWNER,
        variant_id=DRILL,
        quantity=quantity,
        **{"purpose": "sale", **ask},
    )
    return rules.choose(lists, ask=wanted, context=CONTEXT)


def reason(choice: rules.Choice, candidate: rules.Candidate) -> set[str]:
    return {each.reason for each in choice.why if each.price_list_id == candidate.price_list_id}


class TestTheOrderOfSearch:
    def test_goes_from_the_narrowest_scope_to_everybody(self) -> None:
        scopes = [{"buyer_id": BUYER}, {"customer_group": "gold"}, {"storefront_id": SHOP}, {}]
        lists = [
            a_list(an_entry(), age_days=number, priority=number, **scope)
            for number, scope in enumerate(scopes)
        ]
        for first in range(len(lists)):
            choice = choose(*reversed(lists[first:]))
            assert choice.price_list_id == lists[first].price_list_id
            assert all(reason(choice, each) == {"outranked"} for each in lists[first + 1 :])

    def test_prefers_the_higher_priority_then_the_newer_list(self) -> None:
        old, new = a_list(an_entry(), age_days=9), a_list(an_entry(), age_days=1)
        assert choose(old, new).price_list_id == new.price_list_id
        urgent = a_list(an_entry(), age_days=9, priority=1)
        assert choose(new, urgent).price_list_id == urgent.price_list_id

    def test_passes_over_a_list_without_an_entry(self) -> None:
        empty, full = a_list(buyer_id=BUYER), a_list(an_entry(700))
        choice = choose(empty, full)
        assert choice.price_list_id == full.price_list_id
        assert reason(choice, empty) == {"no_entry"}

    def test_ends_at_a_list_that_stops_it(self) -> None:
        empty, full = a_list(buyer_id=BUYER, stops=True), a_list(an_entry(700))
        choice = choose(empty, full)
        assert choice.entry is None
        assert reason(choice, full) == {"hidden_by_stop"}

    @pytest.mark.parametrize(
        "scope",
        [{"buyer_id": new_id()}, {"customer_group": "silver"}, {"storefront_id": new_id()}],
    )
    def test_leaves_out_what_applies_to_others(self, scope: dict) -> None:
        theirs = a_list(an_entry(1), **scope)
        choice = choose(theirs)
        assert choice.entry is None
        assert reason(choice, theirs) == {"not_assigned"}
        assert not any(each.took_part for each in choice.why)


class TestAList:
    def test_gives_the_entry_of_the_greatest_quantity_reached(self) -> None:
        breaks = [an_entry(1000), an_entry(900, from_quantity=10), an_entry(800, from_quantity=50)]
        found = [
            choose(a_list(*breaks), quantity=quantity).entry for quantity in (1, 9, 10, 49, 50)
        ]
        assert [entry.price.amount_minor for entry in found] == [1000, 1000, 900, 900, 800]

    def test_holds_from_its_first_instant_up_to_its_last(self) -> None:
        for period, holds in (
            (Period(NOW), True),
            (Period(NOW + timedelta(microseconds=1)), False),
            (Period(NOW - timedelta(days=1), NOW), False),
            (Period(NOW - timedelta(days=1), NOW + timedelta(microseconds=1)), True),
        ):
            by_entry = choose(a_list(an_entry(period=period)))
            by_list = choose(replace(a_list(an_entry()), period=period))
            assert [by_entry.entry is not None, by_list.entry is not None] == [holds, holds]

    def test_in_another_currency_is_never_converted(self) -> None:
        dollars = replace(a_list(an_entry()), currency="USD")
        choice = choose(dollars)
        assert choice.entry is None
        assert reason(choice, dollars) == {"other_currency"}


class TestATransferPrice:
    def test_needs_no_assignment(self) -> None:
        transfer = replace(a_list(an_entry(600)), purpose="transfer", assignments=())
        assert choose(transfer, purpose="transfer").price_list_id == transfer.price_list_id

    def test_comes_from_the_list_that_the_terms_name(self) -> None:
        older, newer = (
            replace(a_list(an_entry(), age_days=age), purpose="transfer") for age in (9, 1)
        )
        assert choose(older, newer, purpose="transfer").price_list_id == newer.price_list_id
        named = choose(older, newer, purpose="transfer", price_list_id=older.price_list_id)
        assert named.price_list_id == older.price_list_id
        assert reason(named, newer) == {"another_list_named"}

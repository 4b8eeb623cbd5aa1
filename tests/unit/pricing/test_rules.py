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
BUYER, SHOP, OWNER, DRILL, NORTH, COMPANY, BRANCH, TOOLS = (new_id() for _ in range(8))
CONTEXT = rules.Context(
    storefront_id=SHOP,
    buyer_id=BUYER,
    customer_group="gold",
    currency="EUR",
    at=NOW,
    territory_ids=frozenset({NORTH}),
    unit_ids=(COMPANY, BRANCH),
)


def an_entry(amount_minor: int = 1000, *, from_quantity: int = 1, period: Period = ALWAYS):
    return rules.Entry(
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


def choose(
    *lists: rules.Candidate, quantity: int = 1, strategy: str = "first", **ask
) -> rules.Choice:
    wanted = rules.Ask(
        line_no=0,
        owner_id=OWNER,
        variant_id=DRILL,
        quantity=quantity,
        **{"purpose": "sale", **ask},
    )
    return rules.choose(lists, ask=wanted, context=CONTEXT, strategy=strategy)


def reason(choice: rules.Choice, candidate: rules.Candidate) -> set[str]:
    return {each.reason for each in choice.why if each.price_list_id == candidate.price_list_id}


class TestTheOrderOfSearch:
    def test_goes_from_the_narrowest_scope_to_everybody(self) -> None:
        scopes = [
            {"unit_id": BRANCH}, {"unit_id": COMPANY},
            {"buyer_id": BUYER, "customer_group": "gold"}, {"buyer_id": BUYER},
            {"customer_group": "gold", "storefront_id": SHOP},
            {"customer_group": "gold"}, {"territory_id": NORTH, "storefront_id": SHOP},
            {"territory_id": NORTH}, {"storefront_id": SHOP}, {},
        ]  # fmt: skip
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
        assert choice.price is None
        assert reason(choice, full) == {"hidden_by_stop"}

    @pytest.mark.parametrize(
        "scope",
        [
            {"buyer_id": new_id()},
            {"customer_group": "silver"},
            {"storefront_id": new_id()},
            {"territory_id": new_id()},
            {"unit_id": new_id()},
            {"buyer_id": BUYER, "customer_group": "silver"},
        ],
    )
    def test_leaves_out_what_applies_to_others(self, scope: dict) -> None:
        theirs = a_list(an_entry(1), **scope)
        choice = choose(theirs)
        assert choice.price is None
        assert reason(choice, theirs) == {"not_assigned"}
        assert not any(each.took_part for each in choice.why)


class TestAList:
    def test_gives_the_entry_of_the_greatest_quantity_reached(self) -> None:
        breaks = [an_entry(1000), an_entry(900, from_quantity=10), an_entry(800, from_quantity=50)]
        found = [
            choose(a_list(*breaks), quantity=quantity).price for quantity in (1, 9, 10, 49, 50)
        ]
        assert [price.amount_minor for price in found] == [1000, 1000, 900, 900, 800]

    def test_holds_from_its_first_instant_up_to_its_last(self) -> None:
        for period, holds in (
            (Period(NOW), True),
            (Period(NOW + timedelta(microseconds=1)), False),
            (Period(NOW - timedelta(days=1), NOW), False),
            (Period(NOW - timedelta(days=1), NOW + timedelta(microseconds=1)), True),
        ):
            by_entry = choose(a_list(an_entry(period=period)))
            by_list = choose(replace(a_list(an_entry()), period=period))
            assert [by_entry.price is not None, by_list.price is not None] == [holds, holds]

    def test_in_another_currency_is_never_converted(self) -> None:
        dollars = replace(a_list(an_entry()), currency="USD")
        choice = choose(dollars)
        assert choice.price is None
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


class TestTheLowestPrice:
    def test_wins_wherever_it_stands(self) -> None:
        narrow, wide = a_list(an_entry(900), buyer_id=BUYER), a_list(an_entry(700))
        assert choose(narrow, wide).price == UnitPrice(900)
        choice = choose(narrow, wide, strategy="lowest")
        assert choice.price == UnitPrice(700)
        assert reason(choice, narrow) == {"dearer"}

    def test_is_not_looked_for_behind_a_stop(self) -> None:
        narrow, wide = a_list(an_entry(900), buyer_id=BUYER, stops=True), a_list(an_entry(700))
        assert choose(narrow, wide, strategy="lowest").price == UnitPrice(900)

    def test_compares_prices_for_different_numbers_of_units(self) -> None:
        by_one, by_thousand = a_list(an_entry(1)), a_list(an_entry(999))
        entry = replace(by_thousand.entries[0], price=UnitPrice(999, 1000))
        choice = choose(by_one, replace(by_thousand, entries=[entry]), strategy="lowest")
        assert choice.price == UnitPrice(999, 1000)


class TestGraduatedBreaks:
    def test_price_each_unit_by_its_own_break(self) -> None:
        breaks = [an_entry(1000), an_entry(900, from_quantity=11), an_entry(800, from_quantity=51)]
        graduated = replace(a_list(*breaks), breaks="graduated")
        assert choose(graduated, quantity=10).price == UnitPrice(1000)
        price = choose(graduated, quantity=60).price
        assert price.extend(60) == 10 * 1000 + 40 * 900 + 10 * 800

    def test_are_summed_before_they_are_rounded(self) -> None:
        breaks = [
            replace(an_entry(10), price=UnitPrice(10, 3)),
            replace(an_entry(from_quantity=2), price=UnitPrice(10, 3)),
        ]
        graduated = replace(a_list(*breaks), breaks="graduated")
        assert choose(graduated, quantity=3).price.extend(3) == 10


def a_formula(**facts) -> rules.Formula:
    return rules.Formula(formula_id=new_id(), **{"position": 1, **facts})


def derived(base: rules.Candidate, *formulas: rules.Formula, **facts) -> rules.Candidate:
    return replace(a_list(), base=base, formulas=formulas, **facts)


class TestADerivedList:
    def test_follows_its_base(self) -> None:
        sale = derived(a_list(an_entry(1000)), a_formula(factor_bps=9000))
        assert choose(sale).price == UnitPrice(900)

    def test_prefers_entries_of_its_own(self) -> None:
        sale = derived(a_list(an_entry(1000)), a_formula(factor_bps=9000), entries=[an_entry(950)])
        assert choose(sale).price == UnitPrice(950)

    def test_takes_the_first_formula_that_fits_the_variant(self) -> None:
        facts = rules.VariantFacts(
            category_ids=frozenset({TOOLS}), brand="Quillfen", attributes={"volts": 18, "set": True}
        )
        formulas = [
            a_formula(position=1, brand="Velmora", factor_bps=1),
            a_formula(position=2, attribute="volts", attribute_value="12", factor_bps=2),
            a_formula(position=3, attribute="set", attribute_value="true", factor_bps=5000),
            a_formula(position=4, category_id=TOOLS, factor_bps=6000),
            a_formula(position=5),
        ]
        base = a_list(an_entry(1000))
        for left, expected in ((5, 500), (4, 500), (3, 500)):
            sale = derived(base, *reversed(formulas[:left]), variant=facts)
            assert choose(sale).price == UnitPrice(expected)
        without = derived(base, *formulas[:2], variant=facts)
        assert reason(choose(without), without) == {"no_formula"}

    @pytest.mark.parametrize(
        ("base", "grid", "expected"),
        [
            (1234, {"round_to_minor": 100, "round_ending_minor": 95}, 1195),
            (1246, {"round_to_minor": 100, "round_ending_minor": 95}, 1295),
            (1201, {"round_to_minor": 100, "round_ending_minor": 95, "rounding": "up"}, 1295),
            (1294, {"round_to_minor": 100, "round_ending_minor": 95, "rounding": "down"}, 1195),
            (1232, {"round_to_minor": 5}, 1230),
            (1233, {"round_to_minor": 5}, 1235),
            (10, {"round_to_minor": 100, "round_ending_minor": 95, "rounding": "down"}, 0),
            (1001, {"factor_bps": 5000}, 501),
            (1000, {"add_minor": -50}, 950),
        ],
    )
    def test_rounds_onto_its_grid(self, base: int, grid: dict, expected: int) -> None:
        assert choose(derived(a_list(an_entry(base)), a_formula(**grid))).price.amount_minor == (
            expected
        )

    def test_keeps_a_margin_above_what_the_goods_cost(self) -> None:
        cost = a_list(an_entry(1000))
        formula = a_formula(
            factor_bps=8000, margin_list_id=cost.price_list_id, minimum_margin_bps=1250,
            round_to_minor=100, round_ending_minor=95,
        )  # fmt: skip
        sale = derived(a_list(an_entry(1200)), formula, margin_lists={cost.price_list_id: cost})
        assert choose(sale).price == UnitPrice(1195)  # 1125 is the least, .95 the next above

    def test_asks_nothing_where_it_does_not_know_what_the_goods_cost(self) -> None:
        cost = a_list()
        formula = a_formula(margin_list_id=cost.price_list_id)
        sale = derived(a_list(an_entry(1200)), formula, margin_lists={cost.price_list_id: cost})
        choice = choose(sale)
        assert choice.price is None
        assert reason(choice, sale) == {"no_transfer_price"}

    def test_adds_to_single_units_whatever_number_the_price_is_for(self) -> None:
        by_hundred = replace(an_entry(), price=UnitPrice(7900, 100))
        sale = derived(a_list(by_hundred), a_formula(add_minor=2))
        assert choose(sale).price == UnitPrice(8100, 100)

    def test_derives_every_break_of_its_base(self) -> None:
        base = replace(a_list(an_entry(1000), an_entry(500, from_quantity=11)), breaks="graduated")
        sale = derived(base, a_formula(factor_bps=11_000))
        assert choose(sale, quantity=20).price.extend(20) == 10 * 1100 + 10 * 550

    def test_tells_how_the_price_came_about(self) -> None:
        list_price = a_list(an_entry(1000))
        wholesale = derived(list_price, a_formula(factor_bps=8000))
        sale = derived(wholesale, a_formula(factor_bps=12_500))
        choice = choose(sale)
        assert choice.asked.source_list_id == list_price.price_list_id
        steps = [(each.price_list_id, each.after.amount_minor) for each in choice.asked.last.steps]
        assert steps == [(wholesale.price_list_id, 800), (sale.price_list_id, 1000)]

    def test_asks_nothing_while_its_base_is_not_valid(self) -> None:
        over = replace(a_list(an_entry()), period=Period(NOW - timedelta(days=9), NOW))
        sale = derived(over, a_formula())
        assert reason(choose(sale), sale) == {"base_not_valid_now"}

"""Policies as values: documents there and back, the most specific one, shares, costs, levels."""

import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.ids import public_id
from app.routing.freight import Tariff, TariffTable
from app.routing.problem import COST_SCALE
from app.routing.rules import (
    Context,
    Policy,
    WantedLine,
    judge_all,
    pose,
)
from app.routing.rules.extras import Extras, Load
from app.routing.rules.policies import AIMS, SCOPES, LoadBalance, settle
from app.routing.rules.reading import document_of, policy_of, problems_of, whole
from app.routing.schemas import DocumentSchema
from app.routing.schemas.policies import shown_document
from app.routing.strategies.optimal import is_plain
from tests.unit.routing.test_judging import REQUEST, SELLER, SOUND, VARIANT

SELLERS = [uuid.UUID(int=number) for number in range(50, 55)]
AMOUNT = st.integers(0, 10_000)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "rules": st.fixed_dictionaries(
            {},
            optional={
                "over_capacity": st.fixed_dictionaries({"on": st.booleans()}),
                "below_minimum_order": st.fixed_dictionaries({"on": st.booleans()}),
                "hazardous_unfit": st.just({"on": True, "attribute": "adr"}),
                "oversize_unfit": st.fixed_dictionaries(
                    {"on": st.just(value=True), "longest_mm": st.integers(1, 9000)}
                ),
            },
        ),
        "terms": st.fixed_dictionaries(
            {},
            optional={
                "goods_percent": st.integers(0, 300),
                "split_minor": AMOUNT,
                "rating_minor_per_star": AMOUNT,
                "carbon": st.none()
                | st.fixed_dictionaries({"g_per_tonne_km": AMOUNT, "minor_per_kg": AMOUNT}),
                "load_balance": st.none()
                | st.fixed_dictionaries(
                    {
                        "minor": AMOUNT,
                        "counted": st.sampled_from(["units", "orders"]),
                        "shares_bps": st.dictionaries(
                            st.sampled_from([public_id("org", each) for each in SELLERS]),
                            st.integers(0, 2000),
                        ),
                    }
                ),
            },
        ),
        "levels": st.lists(st.sampled_from(AIMS), unique=True),
        "limits": st.fixed_dictionaries(
            {}, optional={"most_sellers": st.none() | st.integers(1, 9)}
        ),
        "reoptimize": st.booleans(),
    },
)


class TestADocument:
    @given(DOCUMENTS)
    def test_is_read_and_written_whole(self, said):
        document = whole(DocumentSchema().load(said))

        assert whole(document) == document
        assert document_of(policy_of(document, policy_id=SELLER, number=1)) == document

    @given(DOCUMENTS)
    def test_that_is_shown_may_be_sent_again(self, said):
        document = whole(DocumentSchema().load(said))

        assert whole(DocumentSchema().load(shown_document(document))) == document

    def test_that_says_nothing_is_the_default(self):
        assert policy_of({}, policy_id=SELLER, number=1) == Policy(SELLER, 1)
        assert problems_of(Policy(SELLER, 1), strategies=["optimal"]) == []

    def test_of_shares_beyond_the_whole_cannot_decide(self):
        policy = policy_of(
            {
                "terms": {
                    "load_balance": {
                        "minor": 1,
                        "shares_bps": {str(SELLERS[0]): 6000, str(SELLERS[1]): 4001},
                    }
                }
            },
            policy_id=SELLER,
            number=1,
        )

        [problem] = problems_of(policy, strategies=["optimal"])
        assert problem["pointer"] == "/terms/load_balance/shares_bps"


def of(scope, number=1):
    return Policy(uuid.uuid5(SELLER, f"{scope}{number}"), number, scope)


class TestTheMostSpecificPolicy:
    @given(st.sampled_from(["buyer", "storefront", "network"]), st.data())
    def test_of_a_line_is_the_first_of_its_scopes(self, base_scope, data):
        scopes = st.lists(st.sampled_from(["category", "manufacturer"]), unique=True)
        by_line = {
            line: [of(each, line) for each in sorted(data.draw(scopes), key=SCOPES.index)]
            for line in range(3)
        }
        base = of(base_scope)
        order, lines = settle(base, {k: v for k, v in by_line.items() if v}, lines=3)

        for line, policies in by_line.items():
            ranks = [SCOPES.index(each.scope) for each in (base, *policies)]
            assert SCOPES.index(lines.get(line, order).scope) == min(ranks)
        assert order is base  # no policy here covers more than one line

    def test_of_an_order_covers_every_line(self):
        shared, deeper = of("category"), of("category", 2)
        order, lines = settle(of("network"), {0: [deeper, shared], 1: [shared]}, lines=2)

        assert order is shared
        assert lines == {0: deeper}


class TestAShare:
    @given(st.lists(st.integers(0, 100), min_size=1, max_size=5))
    def test_is_never_exceeded_by_all(self, taken):
        sellers = SELLERS[: len(taken)]
        extras = Extras(taken=dict(zip(sellers, taken, strict=True)))

        above = extras.above_share(LoadBalance(1), sellers)

        assert len(above) < len(sellers)

    def test_is_a_quota_or_what_the_quotas_leave(self):
        extras = Extras(taken={SELLERS[0]: 61, SELLERS[1]: 19, SELLERS[2]: 20})
        balance = LoadBalance(1, shares_bps={SELLERS[0]: 6000})

        assert extras.above_share(balance, SELLERS[:3]) == {SELLERS[0]}


class TestALoad:
    @pytest.mark.parametrize(
        ("load", "full", "left"),
        [
            (Load(), False, None),
            (Load(orders_a_day=2, orders=1), False, None),
            (Load(orders_a_day=2, orders=2), True, None),
            (Load(units_a_day=10, units=4), False, 6),
            (Load(units_a_day=10, units=12), True, 0),
        ],
    )
    def test_is_full_when_nothing_is_left(self, load, full, left):
        assert (load.is_full, load.units_left) == (full, left)


def posed_under(policy, extras=None, **wishes):
    table = TariffTable((20_000.0,), (Tariff(((30_000, 900 * COST_SCALE),)),))
    context = Context(uuid.UUID(int=9), "EUR", None, (), policy, {None: table})
    request = replace(REQUEST, **wishes)
    extras = extras or Extras()
    judged, places = judge_all([SOUND], request, context, extras)
    return pose(judged, places, request, context, extras).problem


class TestAProblem:
    @given(DOCUMENTS)
    def test_has_no_cost_below_nought(self, said):
        document = DocumentSchema().load(said)
        policy = policy_of(document, policy_id=SELLER, number=1)
        problem = posed_under(policy, Extras(ratings={SELLER: 120}))

        assert all(row.unit_cost >= 0 for row in problem.supplies)
        assert all(row.fixed_cost >= 0 for row in (*problem.sources, *problem.sellers))

    def test_of_the_default_policy_is_the_optimizers_own(self):
        assert is_plain(posed_under(Policy(SELLER, 1)))

    def test_leaves_out_a_capacity_that_the_order_cannot_reach(self):
        policy = policy_of({"rules": {"over_capacity": {"on": True}}}, policy_id=SELLER, number=1)
        wide = posed_under(policy, Extras(loads={SELLER: Load(units_a_day=6)}))
        tight = posed_under(policy, Extras(loads={SELLER: Load(units_a_day=5)}))

        assert is_plain(wide)
        assert tight.sellers[0].capacity == 5

    def test_keeps_what_the_buyer_wishes(self):
        problem = posed_under(Policy(SELLER, 1), ship_complete=True, one_delivery=True)

        assert (problem.must_serve_all, problem.most_sources) == (True, 1)

    @pytest.mark.parametrize("kept", ["together", "apart"])
    def test_keeps_kits_as_the_policy_says(self, kept):
        policy = policy_of({"kits": kept}, policy_id=SELLER, number=1)
        lines = (WantedLine(VARIANT, 6), WantedLine(uuid.UUID(int=33), 1))
        problem = posed_under(policy, lines=lines, kits=((0, 1),))

        groups = (tuple(problem.together), tuple(problem.complete))
        assert groups == (((((0, 1),)), ()) if kept == "together" else ((), ((0, 1),)))

"""Splits: who earns what of a shipped portion, to the cent, however it is shipped."""

import itertools
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.payments.rules import Hop, Rates, ShippedLine, part_of
from app.settlement.errors import ChainBroken
from app.settlement.rules import Part, Parties, shares_of, split

SELLER, OWNER, OPERATOR, MAKER, TIER, TIER_2 = (uuid.UUID(int=n) for n in range(1, 7))
PARTIES = Parties(SELLER, OWNER, OPERATOR)
RATES = Rates(royalty_bps=200, commission_bps=500, platform_fee_bps=100)
NAMES = {SELLER: "seller", OWNER: "owner", OPERATOR: "operator", MAKER: "maker", TIER: "tier",
         TIER_2: "tier 2"}  # fmt: skip


def line(*, buyer, seller, hops=()):
    """A shipped line; ``buyer`` and ``seller`` are (goods, freight)."""
    return ShippedLine(
        allocation_id=uuid.UUID(int=100),
        order_line_id=uuid.UUID(int=101),
        manufacturer_id=MAKER,
        buyer_goods_minor=buyer[0],
        buyer_freight_minor=buyer[1],
        seller_goods_minor=seller[0],
        seller_freight_minor=seller[1],
        hops=[Hop(*hop) for hop in hops],
    )


def earned(shipped, model, *, rates=RATES, parties=PARTIES):
    parts = split(shipped, selling_model=model, rates=rates, parties=parties)
    return {(NAMES[part.organization_id], part.kind): part.amount_minor for part in parts}


class TestAgency:
    def test_pays_the_seller_what_the_shares_leave(self):
        assert earned(line(buyer=(10_000, 900), seller=(10_000, 900)), "agency") == {
            ("seller", "goods"): 9_200,
            ("seller", "freight"): 900,
            ("maker", "royalty"): 200,
            ("operator", "platform_fee"): 100,
            ("owner", "commission"): 500,
        }

    def test_gives_the_storefront_what_a_re_routing_saves(self):
        parts = earned(line(buyer=(10_000, 900), seller=(9_000, 1_000)), "agency")
        assert parts["owner", "rerouting"] == 900
        assert parts["seller", "goods"] == 9_000 - 180 - 90 - 450

    def test_makes_the_storefront_carry_what_a_re_routing_costs(self):
        parts = earned(line(buyer=(10_000, 900), seller=(12_000, 900)), "agency")
        assert parts["owner", "rerouting"] == -2_000
        assert sum(parts.values()) == 10_900

    def test_rounds_each_share_half_up_once(self):
        # 2 % of 0.25 is half a cent: one; 5 % is 1.25: one; 1 % is a quarter: nothing.
        assert earned(line(buyer=(25, 0), seller=(25, 0)), "agency") == {
            ("seller", "goods"): 23,
            ("maker", "royalty"): 1,
            ("owner", "commission"): 1,
        }


class TestResale:
    def test_leaves_every_tier_its_margin(self):
        hops = [(SELLER, TIER, 6_000), (TIER, TIER_2, 7_000), (TIER_2, OWNER, 8_500)]
        shipped = line(buyer=(12_000, 900), seller=(6_000, 900), hops=hops)
        assert earned(shipped, "resale") == {
            ("seller", "goods"): 5_880,
            ("seller", "freight"): 900,
            ("maker", "royalty"): 120,
            ("tier", "margin"): 1_000,
            ("tier 2", "margin"): 1_500,
            ("operator", "platform_fee"): 120,
            ("owner", "margin"): 3_380,
        }

    def test_makes_the_storefront_carry_a_loss(self):
        shipped = line(buyer=(5_000, 500), seller=(6_000, 700), hops=[(SELLER, OWNER, 6_000)])
        parts = earned(shipped, "resale")
        assert (parts["owner", "margin"], parts["owner", "rerouting"]) == (-1_050, -200)
        assert sum(parts.values()) == 5_500

    def test_needs_to_know_the_chain(self):
        with pytest.raises(ChainBroken):
            earned(line(buyer=(5_000, 0), seller=(4_000, 0)), "resale")


class TestOwnGoods:
    def test_belong_to_the_storefront_but_for_royalty_and_fee(self):
        parts = earned(
            line(buyer=(10_000, 900), seller=(8_000, 900)),
            "own",
            parties=Parties(OWNER, OWNER, OPERATOR),
        )
        assert parts == {
            ("owner", "goods"): 9_700,
            ("owner", "freight"): 900,
            ("maker", "royalty"): 200,
            ("operator", "platform_fee"): 100,
        }


class TestShares:
    def test_keep_the_operators_fee_apart_from_what_else_it_earns(self):
        shares = shares_of([Part(OPERATOR, "platform_fee", 7), Part(OPERATOR, "commission", 40)])
        assert (shares.fee_minor, shares.of_party) == (7, {OPERATOR: 40})


amounts = st.integers(0, 10**9)
rates = st.builds(
    Rates,
    royalty_bps=st.integers(0, 3000),
    commission_bps=st.integers(0, 3000),
    platform_fee_bps=st.integers(0, 3000),
)


@st.composite
def allocations(draw):
    """Four amounts, a chain, a quantity, and the shipments that bring it, in order."""
    whole = draw(st.integers(1, 400))
    cuts = sorted(draw(st.sets(st.integers(1, whole), max_size=6)) | {whole})
    chain = [SELLER, *draw(st.sampled_from([[], [TIER], [TIER, TIER_2]])), OWNER]
    hops = [(sold, bought, draw(amounts)) for sold, bought in itertools.pairwise(chain)]
    return [draw(amounts) for _ in range(4)], hops, whole, cuts


@given(allocations(), rates, st.sampled_from(["agency", "resale", "own"]))
@settings(max_examples=400, deadline=None)
def test_parts_of_any_sequence_of_shipments_sum_to_the_buyers_price(allocation, frozen, model):
    totals, hops, whole, cuts = allocation
    before, paid = 0, 0
    for after in cuts:
        units = {"whole": whole, "before": before, "quantity": after - before}
        buyer_goods, buyer_freight, goods, freight = (part_of(each, **units) for each in totals)
        shipped = line(
            buyer=(buyer_goods, buyer_freight),
            seller=(goods, freight),
            hops=[(sold, bought, part_of(amount, **units)) for sold, bought, amount in hops],
        )
        parts = split(shipped, selling_model=model, rates=frozen, parties=PARTIES)
        assert sum(part.amount_minor for part in parts) == buyer_goods + buyer_freight
        assert len({(part.organization_id, part.kind) for part in parts}) == len(parts)
        assert all(part.amount_minor for part in parts)
        paid += buyer_goods + buyer_freight
        before = after
    assert paid == totals[0] + totals[1]

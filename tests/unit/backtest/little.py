"""Little worlds for replays: shelves with prices, orders of units, deciders that are simple."""

import uuid
from datetime import date

from app.backtest.rules import ACTUAL, Aftermath, Outcome, Replay
from app.backtest.rules.books import stocked
from app.routing.freight import Tariff
from app.routing.problem import COST_SCALE, Limits, Line, Problem, Seller, Source, Supply
from app.routing.rules import Offer, Place
from app.routing.strategies import find_strategy

DAY = date(2026, 3, 2)
PARCEL = 300
_NOTHING = dict.fromkeys(Offer._fields)


def named(number):
    """An id that is the same in every run."""
    return uuid.UUID(int=number)


SHELVES = [named(100 + number) for number in range(3)]
SELLERS = [named(200 + number) for number in range(3)]
GOODS = [named(300 + number) for number in range(3)]


def offers_of(wanted, stock):
    """Every shelf's offer of the wanted goods; shelf ``n`` asks 10 + n for a unit."""
    return [
        Offer(**_NOTHING | {
            "line_no": line, "seller_id": SELLERS[shelf], "variant_id": GOODS[goods],
            "lead_time_days": shelf + 1, "selling_model": "agency",
            "seller_price_minor": 10 + shelf, "seller_price_per": 1,
            "buyer_price_minor": 10 + shelf, "buyer_price_per": 1,
            "lying": [(Place(shelf, SHELVES[shelf], 0.0, 0.0), stock.get((shelf, goods), 0))],
        })
        for line, (goods, _) in enumerate(wanted)
        for shelf in range(3)
    ]  # fmt: skip


def decided(wanted, offers, strategy="greedy"):
    """What a strategy makes of an order; a parcel costs the same from everywhere."""
    source = Tariff(((1_000_000, PARCEL * COST_SCALE),))
    supplies = [
        Supply(offer.line_no, place.number, units, price * COST_SCALE, price)
        for offer in offers
        for place, units in offer.lying
        for price in [offer.seller_price_minor]
        if units
    ]
    problem = Problem(
        [Line(units, 1) for _, units in wanted],
        [Seller(rank=number) for number in range(3)],
        [Source(number, source) for number in range(3)],
        supplies,
    )
    plan = find_strategy(strategy).plan(problem, Limits())
    return outcome_of(wanted, [(a.line, a.source, a.quantity) for a in plan.allocations])


def outcome_of(wanted, parts, after=None):
    """An outcome of parts: line, shelf, units."""
    shelves = {shelf for _, shelf, _ in parts}
    goods = sum((10 + shelf) * units for _, shelf, units in parts)
    sellers = {}
    taken = {}
    for line, shelf, units in parts:
        had, money = sellers.get(SELLERS[shelf], (0, PARCEL))
        sellers[SELLERS[shelf]] = had + units, money + (10 + shelf) * units
        key = SHELVES[shelf], GOODS[wanted[line][0]]
        taken[key] = taken.get(key, 0) + units
    cost = goods + PARCEL * len(shelves)
    return Outcome(
        requested=sum(units for _, units in wanted), served=sum(units for _, _, units in parts),
        goods_minor=goods, freight_minor=PARCEL * len(shelves), objective_minor=cost,
        bound_minor=cost, is_optimal=True, consignments=len(shelves),
        unit_days=sum((shelf + 1) * units for _, shelf, units in parts),
        sellers=sellers, taken=taken, after=after,
    )  # fmt: skip


def finally_(outcome, refused=1):
    """An aftermath that comes to what another outcome comes to."""
    return Aftermath(
        refused, outcome.served, outcome.goods_minor, outcome.freight_minor,
        outcome.consignments, outcome.taken,
    )  # fmt: skip


def history(orders, stock, strategy="greedy"):
    """Orders as they were decided one after the other: what each came to, what lay there before."""
    left, told = dict(stock), []
    for wanted in orders:
        outcome = decided(wanted, offers_of(wanted, left), strategy)
        told.append((wanted, outcome, dict(left)))
        for (place, goods), units in outcome.taken.items():
            left[SHELVES.index(place), GOODS.index(goods)] -= units
    return told


def replayed(told, *, more=None, strategies=(("supposed", "greedy"),)):
    """The same orders again: by these strategies, on what was recorded and more of it."""
    by_name = dict(strategies)
    replay = Replay.of([name for name in by_name if name != "supposed"])
    for wanted, actual, left in told:
        step(replay, wanted, actual, left, more or {}, by_name)
    return replay


def step(replay, wanted, actual, left, more, by_name):
    lying = {key: units + more.get(key, 0) for key, units in left.items()}
    recorded = {(SHELVES[s], GOODS[g]): units for (s, g), units in lying.items()}

    def decide(name, really, own):
        offers = stocked(
            offers_of(wanted, lying), recorded=recorded, really=really, own=own, day=DAY
        )
        return decided(wanted, offers, by_name[name])

    return replay.step(DAY, actual, decide)


def figures(replay, name=ACTUAL):
    """Served, goods, freight, consignments."""
    tally = replay.tallies[name]
    return tally.served, tally.goods_minor, tally.freight_minor, tally.consignments

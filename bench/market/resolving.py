"""What prices a page costs: 24 variants for one buyer, by who is asked and how many lists apply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.infra.db import DbSession
from app.pricing import queries
from app.pricing.queries import Ask, PriceSource, Request
from bench.market import clocks
from bench.market.asking import Page, Pages
from bench.market.plan import Plan

NOW = datetime(2026, 6, 1, tzinfo=UTC)
_WARM = 60


@dataclass(frozen=True, slots=True)
class Case:
    """A question: whose prices, in which storefronts (odd ones derive a fifth of their lists)."""

    lists: int
    ask: Callable[[DbSession, Page], int]
    odd: int = 0
    groups: int = 1


def _lines(session: DbSession, page: Page, owners: list[str]) -> int:
    sources = [PriceSource(owner, "sale") for owner in owners]
    grid = queries.price_lines(
        session,
        sources=sources,
        lines=[(variant_id, 1) for variant_id in page.variant_ids],
        context=page.context,
        now=NOW,
    )
    return sum(len(grid.column(source)) for source in sources)


def _resolve(session: DbSession, page: Page, owners: list[str]) -> int:
    asks = [
        Ask(line_no=number, owner_id=owner, purpose="sale", variant_id=variant_id, quantity=1)
        for number, (owner, variant_id) in enumerate(
            (owner, variant_id) for owner in owners for variant_id in page.variant_ids
        )
    ]
    request = Request(asks=asks, **page.context)
    return len(queries.resolve(session, request=request, now=NOW))


def _owner(page: Page) -> list[str]:
    return [str(page.owner_id)]


def _five(page: Page) -> list[str]:
    return [str(each) for each in page.group_sellers]


def _everybody(page: Page) -> list[str]:
    return [*_owner(page), *(str(each) for each in page.pool)]


CASES: Mapping[str, Case] = {
    "one seller": Case(50, lambda s, p: _lines(s, p, _owner(p))),
    "one seller, with formulas": Case(50, lambda s, p: _lines(s, p, _owner(p)), odd=1),
    "five sellers": Case(35, lambda s, p: _lines(s, p, _five(p))),
    "pool of twenty and owner": Case(190, lambda s, p: _lines(s, p, _everybody(p)), groups=4),
    "one seller, explained": Case(50, lambda s, p: _resolve(s, p, _owner(p))),
    "one seller, with formulas, explained": Case(50, lambda s, p: _resolve(s, p, _owner(p)), odd=1),
    "five sellers, explained": Case(35, lambda s, p: _resolve(s, p, _five(p))),
}


def measure(
    session: DbSession, plan: Plan, *, below: int, runs: int, seed: int
) -> dict[str, dict[str, object]]:
    """Every case over random pages of the goods below a number; milliseconds in the database."""
    return {
        name: _measure(session, case, Pages(plan, below=below, seed=seed), runs)
        for name, case in CASES.items()
    }


def _measure(session: DbSession, case: Case, pages: Pages, runs: int) -> dict[str, object]:
    for _ in range(_WARM):
        case.ask(session, pages.draw(odd=case.odd, groups=case.groups))
    session.rollback()
    bare, backend = clocks.round_trip(session), clocks.Backend(session)
    seen, spent, statements, prices = [], [], set(), 0
    for _ in range(runs):
        page = pages.draw(odd=case.odd, groups=case.groups)
        before = backend.milliseconds()
        with clocks.watching() as watch:
            prices += case.ask(session, page)
        spent.append(backend.milliseconds() - before)
        statements.add(len(watch.seconds))
        seen.append(sum(each - bare for each in watch.seconds) * 1000)
    session.rollback()
    return {
        "lists": case.lists,
        "pages": runs,
        "prices_a_page": round(prices / runs, 1),
        "statements": max(statements),
        "processor_ms": clocks.spread(spent),
        "ms": clocks.spread(seen),
        "round_trip_ms": round(bare * 1000, 3),
        "load": clocks.load(),
    }

"""A change of one price, and of one formula, in a list with a price for every variant.

Each change is committed by the product's operation; the question comes from another connection at
once. It must see the change: nothing is rebuilt, nothing waits.
"""

import random
import uuid
from datetime import datetime
from functools import partial

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.identity.rules import permissions_for
from app.infra.auth import Caller
from app.pricing import operations, queries
from app.pricing.operations import EntryDraft
from app.pricing.queries import Ask, Request
from bench.market import clocks
from bench.market.asking import context_of, made_id
from bench.market.plan import KEEPER, LONG_LIST, MARKET, Plan
from bench.market.resolving import NOW

OWNER = made_id("owner", KEEPER)
LIST = made_id("list", LONG_LIST)
DERIVED = made_id("list", LONG_LIST + 1)
_KINDS = frozenset({"reseller"})
_CALLER = Caller(OWNER, OWNER, _KINDS, permissions_for(_KINDS))


def measure(writer: Session, reader: Session, plan: Plan, *, runs: int) -> dict[str, object]:
    """Milliseconds of a change with its commit, and of the next question that sees it."""
    chance = random.Random(2)
    entries = writer.scalar(
        text("SELECT count(*) FROM pricing_entries WHERE price_list_id = :id"), {"id": LIST}
    )
    writer.rollback()
    told: dict[str, list[float]] = {"price": [], "seen": [], "formula": [], "derived": []}
    for number in range(runs + 5):
        variant_id = made_id("variant", chance.randrange(plan.variants))
        amount = 200_000 + number * 20
        factor = 9_000 - number
        derived = (amount * factor + 5_000) // 10_000
        spent = {
            "price": clocks.timed(partial(_put, writer, variant_id, amount)),
            "seen": clocks.timed(partial(_require, reader, variant_id, None, amount)),
            "formula": clocks.timed(partial(_derive, writer, factor)),
            "derived": clocks.timed(partial(_require, reader, variant_id, "gold", derived)),
        }
        if number >= 5:
            for name, value in spent.items():
                told[name].append(value)
    return {
        "entries": entries,
        "changes": runs,
        **{f"{name}_ms": clocks.spread(values) for name, values in told.items()},
        "load": clocks.load(),
    }


def _put(session: Session, variant_id: uuid.UUID, amount: int) -> None:
    operations.put_entries(
        session,
        caller=_CALLER,
        price_list_id=LIST,
        entries=[EntryDraft(variant_id=variant_id, amount_minor=amount)],
        now=NOW,
    )
    session.commit()


def _derive(session: Session, factor_bps: int) -> None:
    operations.derive_list(
        session,
        caller=_CALLER,
        price_list_id=DERIVED,
        base_list_id=LIST,
        formulas=[{"factor_bps": factor_bps}],
        now=NOW,
    )
    session.commit()


def _require(session: Session, variant_id: uuid.UUID, group: str | None, amount: int) -> None:
    """Ask for the price; it must be this one."""
    context = {**context_of(MARKET, buyer=0), "customer_group": group}
    asks = [Ask(line_no=0, owner_id=OWNER, purpose="sale", variant_id=variant_id, quantity=1)]
    found = _resolve(session, Request(asks=asks, **context), NOW)
    if found != amount:
        raise SystemExit(f"the next request saw {found}, not {amount}")


def _resolve(session: Session, request: Request, now: datetime) -> int:
    found = queries.resolve(session, request=request, now=now)
    session.rollback()
    return found[0].price.amount_minor

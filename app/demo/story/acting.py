"""Acts the story through the operations that the API uses, each step in its own transaction.

It happens at the beginning of last month, so that by now everything is paid, released and stated.
Begun and interrupted, it goes on; done, nothing happens any more.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.demo.replay import calendar, steps
from app.demo.replay.atlas import acting_for
from app.infra.unit_of_work import transaction
from app.kernel.errors import NotFound
from app.ordering import operations as ordering_operations
from app.settlement import operations as settlement_operations
from app.settlement import queries as settlement_queries

REFERENCE = "STORY-1"
SHOP, BUYER = "rosenquay", "BRENNWEILER"
# Who finds a part of the goods damaged, and which.
DOUBTER, DAMAGED = "WENDELOW", "LL-E27-8W-3000K"
WANTED = (
    ("SC-3G2.5-100M", 300),
    ("CB-16A-B-1P", 36),
    ("RC-40A-30MA-4P", 6),
    ("LS-ONEWAY-WHITE", 40),
    ("LL-E27-8W-3000K", 60),
    ("WS-4X50-ZINC", 1000),
    ("PL-8X40", 800),
    ("CD-18V-TWOBATTERIES", 2),
)
_ANSWER = timedelta(minutes=25)
_LIMIT = 500

_SCENE = text("""
SELECT s.id AS storefront_id, b.id AS buyer_id, a.id AS address_id
FROM storefronts_storefronts s, network_organizations b
JOIN network_addresses a ON a.organization_id = b.id
WHERE s.slug = :shop AND b.code = :buyer
""")
_VARIANTS = text("""
SELECT v.sku, v.id FROM catalog_variants v
JOIN network_organizations m ON m.id = v.manufacturer_id
WHERE v.sku = ANY(:skus) AND m.code IN ('VELMORA', 'KESTRAND', 'QUILLFEN')
""")
_ORDER = text("""
SELECT o.id FROM ordering_orders o
JOIN storefronts_storefronts s ON s.id = o.storefront_id
WHERE s.slug = :shop AND o.reference = :reference
""")
_DOUBTED = text("""
SELECT s.id AS seller_order_id, s.seller_id, s.created_at, a.id AS allocation_id
FROM ordering_seller_orders s
JOIN network_organizations d ON d.id = s.seller_id AND d.code = :doubter
JOIN ordering_allocations a ON a.seller_order_id = s.id AND a.status = 'offered'
JOIN ordering_order_lines l ON l.id = a.order_line_id
WHERE s.order_id = :order_id AND s.status = 'offered' AND s.attempt = 1
ORDER BY l.sku <> :damaged, l.position LIMIT 1
""")
_HELD_UNTIL = text("""
SELECT max(due_at) FROM settlement_releases
WHERE order_id = :order_id AND released_at IS NULL
""")

_UNSTATED = text("""
SELECT EXISTS (
    SELECT FROM ledger_journals j WHERE j.order_id = :order_id AND NOT EXISTS (
        SELECT FROM settlement_period_journals c WHERE c.journal_id = j.id))
""")


class NotLoaded(NotFound):
    """There is no stage."""

    code = "demo.not_loaded"
    title = "The demo network is not loaded: run `flask demo load` first"


def find_order(session: Session) -> uuid.UUID | None:
    """The story's order, if it was placed."""
    found: uuid.UUID | None = session.execute(
        _ORDER, {"shop": SHOP, "reference": REFERENCE}
    ).scalar()
    return found


def act(session: Session, *, now: datetime) -> uuid.UUID:
    """Take every step that is not taken yet; returns the order's id.

    Raises:
        NotLoaded: the demo network is not there.
    """
    order_id = find_order(session) or _place(session, _first_morning(now))
    _refuse_one_line(session, order_id)
    steps.finish(session, [order_id], lambda: None)
    _release(session, order_id)
    if session.execute(_UNSTATED, {"order_id": order_id}).scalar():
        _close_the_month(session, now)
    return order_id


def _first_morning(now: datetime) -> datetime:
    """The second day of last month, in the morning."""
    last_month = calendar.month_of(calendar.month_of(now) - timedelta(days=1))
    return last_month + timedelta(days=1, hours=8, minutes=12)


def _place(session: Session, now: datetime) -> uuid.UUID:
    """A cart is filled, priced by the routing it would get, and ordered at exactly that total."""
    scene = session.execute(_SCENE, {"shop": SHOP, "buyer": BUYER}).one_or_none()
    if scene is None:
        raise NotLoaded
    known = dict(tuple(row) for row in session.execute(_VARIANTS, {"skus": [s for s, _ in WANTED]}))
    wanted = [(known[sku], quantity) for sku, quantity in WANTED]
    caller = acting_for(scene.buyer_id)
    with transaction(session):
        cart = ordering_operations.create_cart(
            session,
            caller=caller,
            storefront_id=scene.storefront_id,
            buyer_id=scene.buyer_id,
            address_id=scene.address_id,
            items=[ordering_operations.CartItem(*item) for item in wanted],
            now=now,
        )
        cart_id = cart.id
    seen = ordering_operations.simulate(
        session,
        caller=caller,
        placement=ordering_operations.Placement(
            storefront_id=scene.storefront_id,
            buyer_id=scene.buyer_id,
            address_id=scene.address_id,
            lines=[ordering_operations.PlacementLine(*item) for item in wanted],
        ),
        now=now,
    )
    session.rollback()
    with transaction(session):
        return ordering_operations.checkout(
            session,
            caller=caller,
            cart_id=cart_id,
            reference=REFERENCE,
            payment_method="on_account",
            accept_shortfall=False,
            expected_total_minor=seen.buyer_goods_minor + seen.freight_minor,
            now=now,
        )


def _refuse_one_line(session: Session, order_id: uuid.UUID) -> None:
    """One seller finds one line damaged and accepts the rest."""
    found = session.execute(
        _DOUBTED, {"order_id": order_id, "doubter": DOUBTER, "damaged": DAMAGED}
    ).one_or_none()
    session.rollback()
    if found is None:
        return
    with transaction(session):
        ordering_operations.answer_seller_order(
            session,
            caller=acting_for(found.seller_id),
            seller_order_id=found.seller_order_id,
            answers=[ordering_operations.Answer(found.allocation_id, 0, "damaged")],
            now=found.created_at + _ANSWER,
        )


def _release(session: Session, order_id: uuid.UUID) -> None:
    held_until = session.execute(_HELD_UNTIL, {"order_id": order_id}).scalar()
    session.rollback()
    if held_until is not None:
        with transaction(session):
            settlement_operations.release_due(session, now=held_until, limit=_LIMIT)


def _close_the_month(session: Session, now: datetime) -> None:
    """Statements up to the end of last month, for everybody."""
    end = calendar.month_of(now)
    last = settlement_queries.find_last_period(session)
    first = session.execute(text("SELECT min(occurred_at) FROM ledger_journals")).scalar_one()
    since = last.period_to if last else calendar.month_of(first)
    session.rollback()
    if since < end:
        with transaction(session):
            settlement_operations.close_period(session, period_from=since, period_to=end, now=now)

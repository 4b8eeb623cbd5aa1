"""The world with a till: every step of an order in a transaction of its own, books checked after.

Money is read as the ledger shows it, turned so that what is owed to somebody is positive.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.fulfilment import operations as fulfilment
from app.infra.unit_of_work import transaction
from app.ordering import operations as ordering
from app.ordering import queries as ordering_queries
from app.payments import operations as payments
from app.settlement import operations as settlement
from app.settlement import queries
from tests.factories.world import World, build_world


class Till:
    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        with transaction(session):
            self.world: World = build_world(session, now)
        self.operator = self.world.caller(self.world.operator)

    def after(self, **delta: float) -> "Till":
        """Time passes."""
        self.now += timedelta(**delta)
        return self

    def place(self, *lines: tuple[uuid.UUID, int], **choices: object) -> uuid.UUID:
        with transaction(self.session):
            return self.world.place(*lines, now=self.now, **choices)

    def parts(self, order_id: uuid.UUID) -> dict[str, uuid.UUID]:
        """Live seller orders by the name of their seller."""
        names = {self.world.dieter.id: "dieter", self.world.wanda.id: "wanda"}
        found = ordering_queries.list_parts(self.session, order_id=order_id)
        dead = {"rejected", "expired", "cancelled"}
        return {names[part.seller_id]: part.id for part in found if part.status not in dead}

    def accept(self, order_id: uuid.UUID) -> None:
        with transaction(self.session):
            for part in ordering_queries.list_parts(self.session, order_id=order_id):
                if part.status == "offered":
                    ordering.accept_seller_order(
                        self.session, caller=self.operator, seller_order_id=part.id, now=self.now
                    )

    def reject(self, order_id: uuid.UUID, seller: str) -> None:
        """A seller refuses everything."""
        part = self.parts(order_id)[seller]
        rows = ordering_queries.list_allocations(self.session, seller_order_ids=[part])
        with transaction(self.session):
            ordering.answer_seller_order(
                self.session,
                caller=self.operator,
                seller_order_id=part,
                answers=[ordering.Answer(row.id, 0, "capacity") for row in rows],
                now=self.now,
            )

    def cancel(self, order_id: uuid.UUID) -> None:
        with transaction(self.session):
            ordering.cancel_order(
                self.session,
                caller=self.world.caller(self.world.berta),
                order_id=order_id,
                now=self.now,
            )

    def ship(self, order_id: uuid.UUID, seller: str, units: int | None = None) -> uuid.UUID:
        """Ship all, or some units of the seller's one line."""
        part = self.parts(order_id)[seller]
        with transaction(self.session):
            if units is None:
                [shipment] = fulfilment.ship_everything(
                    self.session, caller=self.operator, seller_order_id=part, now=self.now
                )
                return shipment
            [row] = ordering_queries.list_allocations(self.session, seller_order_ids=[part])
            return fulfilment.ship(
                self.session,
                caller=self.operator,
                seller_order_id=part,
                location_id=row.location_id,
                lines=[(row.id, units)],
                carrier=None,
                tracking_number=None,
                now=self.now,
            )

    def deliver(self, *shipments: uuid.UUID) -> None:
        with transaction(self.session):
            for shipment in shipments:
                fulfilment.deliver(
                    self.session, caller=self.operator, shipment_id=shipment, now=self.now
                )

    def invoice(self, shipment_id: uuid.UUID) -> dict:
        row = self.session.execute(
            text("SELECT * FROM payments_invoices WHERE shipment_id = :id"), {"id": shipment_id}
        )
        return dict(row.mappings().one())

    def pay(
        self, shipment_id: uuid.UUID, amount: int | None = None, reference: str = ""
    ) -> uuid.UUID:
        invoice = self.invoice(shipment_id)
        with transaction(self.session):
            return payments.record_payment(
                self.session,
                caller=self.world.caller(self.world.rosa),
                invoice_id=invoice["id"],
                amount_minor=amount or invoice["amount_minor"],
                method="bank",
                reference=reference or str(shipment_id),
                now=self.now,
            )

    def prepay(self, order_id: uuid.UUID, amount: int, reference: str = "") -> uuid.UUID:
        with transaction(self.session):
            return payments.record_prepayment(
                self.session,
                caller=self.world.caller(self.world.rosa),
                order_id=order_id,
                amount_minor=amount,
                method="bank",
                reference=reference or f"{order_id} {amount}",
                now=self.now,
            )

    def release(self) -> int:
        with transaction(self.session):
            return settlement.release_due(self.session, now=self.now, limit=100)

    def close(self, period_from: datetime, period_to: datetime) -> int:
        with transaction(self.session):
            return settlement.close_period(
                self.session, period_from=period_from, period_to=period_to, now=self.now
            )

    def books(self) -> dict[tuple[int, str], int]:
        """Who has what on which account; credit is positive; zeros are left out."""
        rows = self.session.execute(
            text(
                """
                SELECT a.code, COALESCE(split_part(o.name, ' ', 1), ''), -sum(e.amount_minor)
                FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
                LEFT JOIN network_organizations o ON o.id = a.owner_id
                GROUP BY 1, 2 HAVING sum(e.amount_minor) <> 0 ORDER BY 1, 2
                """
            )
        )
        return {(code, name): int(amount) for code, name, amount in rows}

    def check(self) -> dict[tuple[int, str], int]:
        """Prove every invariant, at this moment; the books for the story's own eyes."""
        self.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        self.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        broken = [proof for proof in queries.verify(self.session) if not proof.holds]
        assert not broken, broken
        return self.books()

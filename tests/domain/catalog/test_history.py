"""Whatever is edited, published, discarded and rolled back: every version reads as it was then."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog import operations, queries
from app.catalog.errors import ChangesInvalid, NothingToPublish
from app.catalog.models import Category, Product, Variant
from app.kernel.paging import PageRequest
from app.kernel.states import TransitionNotAllowed
from tests.factories.catalog import VariantFactory
from tests.factories.network import OrganizationFactory, caller_of

ALL = PageRequest(limit=200)
SHOWN = ("sku", "name", "weight_g", "status", "category_id", "product_id")


class History(RuleBasedStateMachine):
    """What the catalog was at each number, remembered; and what is collected, by variant."""

    session: Session
    now: datetime

    def __init__(self) -> None:
        super().__init__()
        maker = OrganizationFactory(manufacturer=True)
        self.caller = caller_of(maker)
        self.variants = [VariantFactory(manufacturer_id=maker.id).id for _ in range(2)]
        self.seen = {0: self.live()}
        self.made = 0

    def live(self) -> dict[object, tuple[object, ...]]:
        self.session.expire_all()
        page = queries.list_variants(
            self.session, caller=self.caller, page=ALL, search=queries.VariantSearch()
        )
        return {
            each.id: tuple(getattr(each, name) for name in SHOWN)
            for each in page.items
            if each.status != "draft"
        }

    def publish_by(self, publishing: object) -> None:
        savepoint = self.session.begin_nested()
        try:
            publication = publishing()
        except (NothingToPublish, ChangesInvalid):
            savepoint.rollback()
            return
        number = publication.number
        savepoint.commit()
        assert number == max(self.seen) + 1
        self.seen[number] = self.live()

    @rule(weight=st.integers(1, 3), which=st.integers(0, 9))
    def edit(self, weight: int, which: int) -> None:
        self.change(which, weight_g=weight, name=f"Weighs {weight}")

    @rule(status=st.sampled_from(["active", "phase_out", "withdrawn"]), which=st.integers(0, 9))
    def move(self, status: str, which: int) -> None:
        self.change(which, status=status)

    def change(self, which: int, **changes: object) -> None:
        variant = self.session.get(Variant, self.variants[which % len(self.variants)])
        try:
            operations.update_variant(
                self.session, caller=self.caller, variant_id=variant.id,
                expected_version=variant.version, changes=changes,
            )  # fmt: skip
        except TransitionNotAllowed:
            return

    @rule()
    def add(self) -> None:
        self.made += 1
        like = self.session.get(Variant, self.variants[0])
        made = operations.create_variant(
            self.session, caller=self.caller, product_id=like.product_id, now=self.now,
            facts={"sku": f"NEW-{like.sku}-{self.made}", "name": "New", "weight_g": 1},
        )  # fmt: skip
        self.variants.append(made.id)

    @rule(which=st.integers(0, 9))
    def move_product(self, which: int) -> None:
        """To a category of another of the maker's products, with all its variants."""
        variant = self.session.get(Variant, self.variants[which % len(self.variants)])
        other = self.session.get(Variant, self.variants[(which + 1) % 2])
        product = self.session.get(Product, variant.product_id)
        operations.update_product(
            self.session, caller=self.caller, product_id=product.id,
            expected_version=product.version, changes={"category_id": other.category_id},
        )  # fmt: skip

    @rule()
    def publish(self) -> None:
        self.publish_by(
            lambda: operations.publish(self.session, caller=self.caller, note="", now=self.now)
        )

    @rule()
    def discard(self) -> None:
        operations.discard_changes(self.session, caller=self.caller)

    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        found = queries.list_publications(self.session, caller=self.caller, page=ALL).items
        if not found:
            return
        target = data.draw(st.sampled_from(range(len(found))))
        number, target_id = found[target].number, found[target].id
        before = len(self.seen)
        self.publish_by(
            lambda: operations.roll_back(
                self.session, caller=self.caller, publication_id=target_id, note="", now=self.now
            )
        )
        if len(self.seen) > before:
            then, live = self.seen[number], self.live()
            assert {each: live[each] for each in then} == then
            assert all(live[each][3] == "withdrawn" for each in live.keys() - then.keys())

    @invariant()
    def reads_as_then(self) -> None:
        self.session.flush()
        for number, then in self.seen.items():
            rows = queries.list_as_of(
                self.session, kind="variant", manufacturer_id=self.caller.organization_id,
                number=number, page=ALL, filters={},
            ).items  # fmt: skip
            assert {row.id: tuple(getattr(row, name) for name in SHOWN) for row in rows} == then

    @invariant()
    def keeps_paths_and_places(self) -> None:
        assert self.live() == self.seen[max(self.seen)]
        strays = self.session.scalars(
            select(Variant.id)
            .join(Product, Product.id == Variant.product_id)
            .join(Category, Category.id == Product.category_id)
            .where(Variant.category_id != Product.category_id)
        ).all()
        assert strays == []


class TestTheHistory:
    def test_never_changes(self, session: Session, now: datetime) -> None:
        class Run(History):
            pass

        Run.session, Run.now = session, now
        run_state_machine_as_test(
            Run,
            settings=settings(
                max_examples=15,
                stateful_step_count=15,
                deadline=timedelta(seconds=60),
                suppress_health_check=list(HealthCheck),
            ),
        )

"""Files of every resource, from the text to the rows."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.catalog.errors import ChangesInvalid
from app.catalog.models import Product, Variant
from app.exchange import operations, tasks
from app.exchange.errors import (
    MappingIncomplete,
    ModeNotAllowed,
    RowsRefused,
    TargetUnknown,
)
from app.inventory.models import Stock
from app.kernel.errors import Forbidden
from app.offers.models import Offer
from app.pricing.models import PriceEntry
from tests.conftest import NOW
from tests.domain.exchange.desk import Desk, csv_of
from tests.factories import catalog as make
from tests.factories import network as net
from tests.support.statements import count_statements


@pytest.fixture
def people(session):
    made = net.make_network()
    session.commit()
    return made


@pytest.fixture
def taps(session, people):
    """Three live taps of Mira's: T-1, T-2, T-3."""
    made = [make.VariantFactory(manufacturer_id=people.mira.id, sku=f"T-{n}", name=f"Tap {n}")
            for n in (1, 2, 3)]  # fmt: skip
    session.commit()
    return made


@pytest.fixture
def price_list(people):
    return make.PriceListFactory(owner_id=people.dieter.id, currency="EUR")


def prices(session, price_list):
    query = select(PriceEntry).where(PriceEntry.price_list_id == price_list.id)
    rows = session.scalars(query.execution_options(populate_existing=True))
    return sorted((e.from_quantity, e.amount_minor, e.per_quantity) for e in rows)


class TestPrices:
    def test_land_in_minor_units_exactly(self, session, people, taps, price_list):
        done = Desk(people.dieter).take(
            "Artikelnummer;ab Menge;Preis\nT-1;1;1.234,56\nT-1;10;1.200,00\nT-2;;0,07\n",
            "prices", price_list_id=price_list.id,
        )  # fmt: skip
        assert done.report["inserted"] == 3
        assert prices(session, price_list) == [(1, 7, 1), (1, 123456, 1), (10, 120000, 1)]

    def test_that_are_there_already_change_nothing(self, people, taps, price_list):
        file = csv_of(["sku", "price"], ["T-1", "12.00"], ["T-2", "3.50"])
        desk = Desk(people.dieter)
        desk.take(file, "prices", price_list_id=price_list.id)
        again = desk.take(file, "prices", price_list_id=price_list.id)
        assert (again.report["unchanged"], again.report["inserted"]) == (2, 0)

    def test_come_back_with_row_column_value_and_reason_where_they_are_bad(
        self, session, people, taps, price_list
    ):
        desk = Desk(people.dieter)
        done = desk.take(
            csv_of(["sku", "price", "valid_from", "valid_to"],
                   ["T-1", "12.00", "", ""], ["T-9", "1.00", "", ""], ["T-2", "twelve", "", ""],
                   ["T-3", "1.005", "", ""], ["T-1", "13.00", "", ""],
                   ["T-2", "5.00", "2026-05-01", "2026-04-01"], ["T-3", "5.00", "2026-02-31", ""],
                   ["T-3", "", "", ""], ["T-3", "=1+1", "", ""]),
            "prices", price_list_id=price_list.id,
        )  # fmt: skip
        assert done.report["inserted"] == 1
        assert done.report["refused"] == 8
        assert desk.faults(done) == [
            (3, "sku", "unknown_variant"), (4, "price", "not_an_amount"),
            (5, "price", "too_many_decimals"), (6, "sku", "repeated"),
            (7, "valid_to", "ends_too_soon"), (8, "valid_from", "not_a_date"),
            (9, "price", "missing"), (10, "price", "formula"),
        ]  # fmt: skip

    def test_of_a_whole_list_end_what_is_absent(self, session, people, taps, price_list):
        desk = Desk(people.dieter)
        desk.take(csv_of(["sku", "price"], ["T-1", "1"], ["T-2", "2"]), "prices",
                  price_list_id=price_list.id)  # fmt: skip
        done = desk.take(csv_of(["sku", "price"], ["T-1", "1"]), "prices", mode="full",
                         price_list_id=price_list.id)  # fmt: skip
        assert (done.report["absent"], done.report["withdrawn"]) == (1, 1)
        ends = session.scalars(select(PriceEntry.valid_to)).all()
        assert sorted(end is None for end in ends) == [False, True]

    def test_that_overlap_are_refused(self, session, people, taps, price_list):
        make.PriceEntryFactory(price_list_id=price_list.id, variant_id=taps[0].id)
        desk = Desk(people.dieter)
        done = desk.take(csv_of(["sku", "price", "valid_from"], ["T-1", "1", "2026-06-01"]),
                         "prices", price_list_id=price_list.id)  # fmt: skip
        assert desk.faults(done) == [(2, "valid_from", "overlaps")]

    def test_named_for_removal_go(self, session, people, taps, price_list):
        desk = Desk(people.dieter)
        desk.take(csv_of(["sku", "price"], ["T-1", "1"], ["T-2", "2"]), "prices",
                  price_list_id=price_list.id)  # fmt: skip
        done = desk.take(csv_of(["sku", "price"], ["T-1", ""]), "prices", mode="delete",
                         price_list_id=price_list.id)  # fmt: skip
        assert done.report["removed"] == 1
        assert prices(session, price_list) == [(1, 200, 1)]

    def test_are_refused_for_a_list_of_another(self, people, price_list):
        with pytest.raises(TargetUnknown):
            Desk(people.wanda).hand_in("sku,price\nT-1,1\n", "prices", price_list_id=price_list.id)

    def test_need_a_price_column(self, people, price_list):
        with pytest.raises(MappingIncomplete):
            Desk(people.dieter).ready("sku,colour\nT-1,red\n", "prices",
                                      price_list_id=price_list.id)  # fmt: skip


class TestAllOrNothing:
    def test_changes_nothing_when_a_row_is_bad(self, session, people, taps, price_list):
        desk = Desk(people.dieter)
        with pytest.raises(RowsRefused):
            desk.take(csv_of(["sku", "price"], ["T-1", "1"], ["T-2", "x"]), "prices",
                      policy="all_or_nothing", price_list_id=price_list.id)  # fmt: skip
        assert prices(session, price_list) == []


class TestADryRun:
    def test_tells_everything_and_changes_nothing(self, session, people, taps, price_list):
        desk = Desk(people.dieter)
        done = desk.take(csv_of(["sku", "price"], ["T-1", "1"], ["T-2", "x"]), "prices",
                         dry_run=True, price_list_id=price_list.id)  # fmt: skip
        assert (done.status, done.report["insert"], done.report["refused"]) == ("checked", 1, 1)
        assert prices(session, price_list) == []


class TestStock:
    def test_is_set_by_location_code(self, session, people, taps):
        place = make.LocationFactory(seller_id=people.dieter.id, code="WH-1")
        desk = Desk(people.dieter)
        done = desk.take(csv_of(["sku", "location", "stock"], ["T-1", "WH-1", "5"],
                                ["T-2", "WH-9", "5"]), "stock")  # fmt: skip
        assert desk.faults(done) == [(3, "location_code", "unknown_location")]
        assert session.get(Stock, (place.id, taps[0].id)).on_hand == 5

    def test_never_falls_below_what_orders_hold(self, session, people, taps):
        place = make.LocationFactory(seller_id=people.dieter.id, code="WH-1")
        make.StockFactory(location_id=place.id, variant_id=taps[0].id, on_hand=9, reserved=4)
        make.StockFactory(location_id=place.id, variant_id=taps[1].id, on_hand=9, reserved=4)
        desk = Desk(people.dieter)
        done = desk.take(csv_of(["sku", "location", "stock"], ["T-1", "WH-1", "3"]), "stock")
        assert desk.faults(done) == [(2, "on_hand", "below_reserved")]
        done = desk.take(csv_of(["sku", "location", "stock"], ["T-1", "WH-1", "6"]), "stock",
                         mode="full")  # fmt: skip
        rows = session.execute(select(Stock.on_hand).order_by(Stock.on_hand)).scalars().all()
        assert (done.report["withdrawn"], rows) == (1, [4, 6])


class TestOffers:
    def test_are_made_changed_and_withdrawn(self, session, people, taps):
        desk = Desk(people.dieter)
        first = desk.take(csv_of(["sku", "min qty", "status"], ["T-1", "5", "active"],
                                 ["T-2", "", "pausiert"]), "offers")  # fmt: skip
        assert first.report["inserted"] == 2
        again = desk.take(csv_of(["sku", "min qty"], ["T-1", "6"]), "offers", mode="full")
        assert (again.report["updated"], again.report["withdrawn"]) == (1, 1)
        found = session.execute(select(Offer.status, Offer.minimum_quantity)
                                .order_by(Offer.status)).all()  # fmt: skip
        assert [tuple(row) for row in found] == [("active", 6), ("withdrawn", 1)]

    def test_of_variants_that_the_seller_may_not_know_are_refused(self, people, taps):
        desk = Desk(people.theo)
        done = desk.take(csv_of(["sku"], ["T-1"]), "offers")
        assert desk.faults(done) == [(2, "sku", "unknown_variant")]


class TestProducts:
    HEAD = ("sku", "gtin", "name", "product code", "category", "weight (g)", "brand")

    def test_that_are_new_are_drafts_of_the_next_publication(self, session, people):
        make.CategoryFactory(manufacturer_id=people.mira.id, code="taps")
        desk = Desk(people.mira)
        rows = [["N-1", "4006381333931", "New 1", "N", "taps", 5, ""],
                ["N-2", "", "New 2", "N", "taps", 5, ""]]  # fmt: skip
        done = desk.take(csv_of(self.HEAD, *rows), "products")
        assert (done.report["inserted"], done.report["refused"]) == (2, 0)
        rows = session.scalars(select(Variant).order_by(Variant.sku)).all()
        assert [(v.status, v.draft) for v in rows] == [("draft", {"status": "active"})] * 2
        assert session.scalar(select(func.count()).select_from(Product)) == 1

    def test_that_are_live_change_by_their_drafts(self, session, people, taps):
        desk = Desk(people.mira)
        done = desk.take(csv_of(["sku", "name", "weight kg"], ["T-1", "Tap 1", "0.5"],
                                ["T-2", "Tap two", "0.75"]), "products")  # fmt: skip
        assert (done.report["unchanged"], done.report["updated"]) == (1, 1)
        session.expire_all()
        changed = session.scalars(select(Variant).where(Variant.sku == "T-2")).one()
        assert (changed.name, changed.draft) == ("Tap 2", {"name": "Tap two", "weight_g": 750})

    def test_say_what_a_spreadsheet_did_to_gtins(self, people, taps):
        desk = Desk(people.mira)
        file = csv_of(["sku", "gtin"], ["T-1", "4.00638E+12"], ["T-2", "36000291452"],
                      ["T-3", "4006381333932"])  # fmt: skip
        done = desk.take(file, "products")
        assert desk.faults(done) == [
            (2, "gtin", "gtin_scientific"), (3, "gtin", "gtin_zeros_lost"),
            (4, "gtin", "gtin_check_digit"),
        ]  # fmt: skip
        padded = desk.take(file, "products", mapping={"pad_gtins": True})
        assert padded.report["updated"] == 1

    def test_absent_from_a_whole_catalog_are_withdrawn(self, session, people, taps):
        desk = Desk(people.mira)
        done = desk.take(csv_of(["sku"], ["T-1"]), "products", mode="full")
        assert (done.report["absent"], done.report["withdrawn"]) == (2, 2)
        session.expire_all()
        drafts = [v.draft for v in session.scalars(select(Variant).order_by(Variant.sku))]
        assert drafts == [None, {"status": "withdrawn"}, {"status": "withdrawn"}]

    def test_absent_stay_when_a_row_was_refused(self, session, people, taps):
        done = Desk(people.mira).take(csv_of(["sku", "gtin"], ["T-1", "12"]), "products",
                                      mode="full")  # fmt: skip
        assert (done.report["absent"], done.report["withdrawn"]) == (3, 0)

    def test_carry_attributes_and_translations(self, session, people, taps):
        desk = Desk(people.mira)
        file = csv_of(["sku", "attribute:color", "attribute:watts", "name:de"],
                      ["T-1", "red", "500", "Hahn 1"])  # fmt: skip
        assert desk.take(file, "products").report["updated"] == 1
        session.expire_all()
        draft = session.scalars(select(Variant).where(Variant.sku == "T-1")).one().draft
        assert draft == {
            "attributes": {"color": "red", "watts": 500},
            "translations": {"de": {"name": "Hahn 1"}},
        }
        assert desk.take(file, "products").report["unchanged"] == 1


GTINS = ("4006381333931", "4000000000013", "4000000000020")


class TestIdentifiers:
    """T-1 and T-2 have a GTIN each; T-3 has none."""

    @pytest.fixture(autouse=True)
    def _gtins(self, session, taps):
        for tap, gtin in zip(taps[:2], GTINS[:2], strict=True):
            tap.gtin = gtin
        session.commit()

    def take(self, people, price_list, resource, *rows):
        make.LocationFactory(seller_id=people.dieter.id, code="W")
        wish = {"price_list_id": price_list.id} if resource == "prices" else {}
        head = ["sku", "gtin", "manufacturer_code", "price", "location_code", "on_hand"]
        desk = Desk(people.dieter)
        rows = [[*row, "1.00", "W", "1"] for row in rows]
        done = desk.take(csv_of(head, *rows), resource, **wish)
        return done, desk.faults(done)

    @pytest.mark.parametrize("resource", ["prices", "offers", "stock"])
    def test_that_name_two_variants_or_a_variant_and_none_are_refused(
        self, people, taps, price_list, resource
    ):
        code = people.mira.code
        done, faults = self.take(
            people, price_list, resource,
            ["T-1", GTINS[0], code],  # agree
            ["T-1", GTINS[1], ""],  # two variants
            ["T-9", GTINS[1], ""],  # an unknown one, and one
            ["T-2", GTINS[2], ""],  # a GTIN that is not the variant's
            ["T-3", GTINS[2], ""],  # a GTIN that nobody has yet
            ["", GTINS[1], "NOBODY"],  # another's
        )  # fmt: skip
        assert (done.report["inserted"], done.report["refused"]) == (2, 4)
        both = [(row, field, "identifiers_disagree") for row in (3, 4, 5)
                for field in ("sku", "gtin")]  # fmt: skip
        assert faults == [*both, (7, "gtin", "identifiers_disagree"),
                          (7, "manufacturer_code", "identifiers_disagree")]  # fmt: skip

    def test_of_products_are_refused_alike(self, people, taps):
        desk = Desk(people.mira)
        done = desk.take(csv_of(["sku", "gtin"], ["T-3", GTINS[0]], ["T-2", GTINS[1]]), "products")
        assert desk.faults(done) == [(2, "gtin", "identifiers_disagree")]
        assert done.report["unchanged"] == 1


class TestAFileOfAnOddShape:
    @pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
    def test_with_nothing_below_its_header_changes_nothing(self, people, taps, price_list, end):
        done = Desk(people.dieter).take(f"sku,price{end}", "prices", price_list_id=price_list.id)
        assert (done.status, done.report["rows"], done.report["inserted"]) == ("done", 0, 0)

    def test_is_read_as_far_as_its_rows_can_be(self, session, people, taps, price_list):
        desk = Desk(people.dieter)
        done = desk.take("sku,price,note\nT-1,1.00\nT-2,2.00,x,,\nT-3,3.00,x,y\n\nT-3\n",
                         "prices", price_list_id=price_list.id)  # fmt: skip
        assert prices(session, price_list) == [(1, 100, 1), (1, 200, 1)]
        assert desk.faults(done) == [(4, "", "ragged"), (6, "price", "missing")]

    def test_of_a_whole_list_with_nothing_in_it_ends_nothing(
        self, session, people, taps, price_list
    ):
        desk = Desk(people.dieter)
        desk.take("sku,price\nT-1,1.00\n", "prices", price_list_id=price_list.id)
        done = desk.take("sku,price\n", "prices", mode="full", price_list_id=price_list.id)
        assert (done.report["absent"], done.report["withdrawn"]) == (1, 0)


class TestAPublicationAfterwards:
    FILE = csv_of(["sku", "name"], ["T-1", "Tap one"])

    def test_makes_live_what_the_file_changed(self, session, people, taps):
        done = Desk(people.mira).take(self.FILE, "products", publish=True)
        session.expire_all()
        assert (taps[0].name, taps[0].draft, done.report["publication"]) == ("Tap one", None, 1)

    def test_that_cannot_be_leaves_drafts_and_says_why(self, session, people, taps):
        make.VariantFactory(manufacturer_id=people.mira.id, sku="T-4", draft={"sku": "T-1"})
        session.commit()
        done = Desk(people.mira).take(self.FILE, "products", publish=True)
        session.expire_all()
        assert done.status == "done"
        assert done.error.startswith("Not published, the products stay drafts: ")
        assert (taps[0].name, taps[0].draft) == ("Tap 1", {"name": "Tap one"})
        with pytest.raises(ChangesInvalid):
            Desk(people.mira).take(csv_of(["sku", "name"], ["T-2", "Two"]), "products",
                                   publish=True, policy="all_or_nothing")  # fmt: skip

    def test_needs_the_permission_to_publish(self, session, people, taps):
        desk = Desk(people.mira)
        found = desk.hand_in(self.FILE, "products")
        may = desk.caller.permissions - {"catalog.publish"}
        with pytest.raises(Forbidden):
            operations.ready(
                session, caller=replace(desk.caller, permissions=may), import_id=found.id, now=NOW,
                confirmation=operations.Confirmation(publish=True),
            )  # fmt: skip

    def test_is_of_products_only(self, people, taps, price_list):
        with pytest.raises(ModeNotAllowed):
            Desk(people.dieter).hand_in("sku,price\nT-1,1\n", "prices", publish=True,
                                        price_list_id=price_list.id)  # fmt: skip


class TestALongFile:
    def test_of_100000_rows_with_3_bad_ones_lands_99997_and_hands_back_the_3(
        self, session, people, taps, price_list
    ):
        good = [f"T-{n % 3 + 1},{n // 3 + 1},1.50" for n in range(99_997)]
        rows = [*good[:10], "T-9,1,1.50", *good[10:50_000], "T-1,x,1.50", *good[50_000:],
                "T-1,1,1.505"]  # fmt: skip
        desk = Desk(people.dieter)
        done = desk.take("\n".join(["sku,from_quantity,price", *rows]), "prices",
                         price_list_id=price_list.id)  # fmt: skip
        assert (done.report["inserted"], done.report["refused"]) == (99_997, 3)
        assert desk.faults(done) == [
            (12, "sku", "unknown_variant"), (50_003, "from_quantity", "not_whole"),
            (100_001, "price", "too_many_decimals"),
        ]  # fmt: skip

    @pytest.mark.parametrize("resource", ["prices", "offers", "stock", "products"])
    def test_costs_no_more_statements_than_a_short_one(self, session, people, price_list, resource):
        make.LocationFactory(seller_id=people.mira.id, code="W")
        make.CategoryFactory(manufacturer_id=people.mira.id, code="c")
        mine = make.PriceListFactory(owner_id=people.mira.id)
        product = make.ProductFactory(manufacturer_id=people.mira.id)
        for n in range(60):
            make.VariantFactory(manufacturer_id=people.mira.id, product=product, sku=f"L-{n}")
        session.commit()
        wish = {"price_list_id": mine.id} if resource == "prices" else {}
        head = "sku,price,location_code,on_hand,name,category,weight (g)"
        counts = []
        for start, end in ((0, 2), (2, 4), (4, 60)):
            sku = "N" if resource == "products" else "L"
            file = "\n".join([head, *(f"{sku}-{n},1,W,1,x,c,1" for n in range(start, end))])
            found = Desk(people.mira).ready(file, resource, **wish)
            with count_statements() as statements:
                done = tasks.work(session, import_id=found.id, told=lambda **_: None, now=NOW)
            assert done.report["inserted"] == end - start
            counts.append(len(statements))
        assert counts[1] == counts[2] <= 46

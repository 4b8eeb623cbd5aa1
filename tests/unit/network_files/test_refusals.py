"""What the reader refuses, and how precisely it says so."""

import gzip
from pathlib import Path

import pytest

from app.demo.ports import NetworkContent, Refusal, UnusableSource
from connectors.network_files import NetworkFolder
from tests.support import network_files


def nobody(*_: object) -> None:
    """Hears of progress and does not care."""


def read(folder: Path) -> NetworkContent:
    return NetworkFolder(folder).read_network(nobody)


@pytest.fixture
def made() -> network_files.Tables:
    return network_files.tables()


class TestAGoodFolder:
    def test_is_read_completely(self, tmp_path, made):
        content = read(network_files.write(tmp_path, made))
        assert content.refusals == []
        assert len(content.offers) == len(made["offers"])
        assert len(content.stock) == len(made["stock"])

    def test_gives_amounts_in_minor_units_and_sizes_in_millimetres(self, tmp_path, made):
        made["products"][0][4] = "1234567.80"
        first = read(network_files.write(tmp_path, made)).products[0]
        assert (first.list_price_minor, first.length_mm, first.height_mm) == (123456780, 200, 100)

    def test_has_its_orders_in_time_order_with_their_lines(self, tmp_path, made):
        made["orders"].reverse()
        demand = NetworkFolder(network_files.write(tmp_path, made)).read_demand(nobody)
        instants = [order.ordered_at for order in demand.orders]
        assert instants == sorted(instants)
        assert all(
            {line.order for line in lines} == {order.number}
            for order, lines in zip(demand.orders, demand.lines, strict=True)
        )


BAD_CELLS = [
    ("products", 4, "12,50", "list_price_brl", "is not an amount"),
    ("products", 4, "1.234", "list_price_brl", "more decimals than BRL"),
    ("products", 4, "1e3", "list_price_brl", "is not an amount"),
    ("products", 4, "-3", "list_price_brl", "is not an amount"),
    ("products", 5, "0", "weight_g", "at least 1"),
    ("products", 1, "2010000000015", "gtin", "wrong check digit"),
    ("products", 1, "77", "gtin", "is not a GTIN"),
    ("products", 0, " ", "sku", "must not be empty"),
    ("sellers", 1, "retailer", "kind", "is not one of"),
    ("sellers", 5, "5.5", "rating", "from 1 to 5"),
    ("locations", 5, "-91", "lat", "degrees"),
    ("locations", 6, "nan", "lng", "degrees"),
    ("locations", 1, "S99", "seller", "is not in sellers"),
    ("agreements", 1, "SP sp", "states", "two capital letters"),
    ("agreements", 1, "SP SP", "states", "twice"),
    ("agreements", 2, "kitchen, toys", "categories", "is no product's category"),
    ("freight", 0, "0", "distance_km_up_to", "at least 1"),
    ("offers", 2, "NaN", "unit_price_brl", "is not an amount"),
    ("offers", 3, "²", "lead_time_days", "is not a whole number"),
    ("stock", 2, "-1", "on_hand", "is not a whole number"),
    ("stock", 1, "P999", "sku", "is not in products"),
]


class TestABadCell:
    @pytest.mark.parametrize(("table", "index", "value", "column", "reason"), BAD_CELLS)
    def test_is_named_with_its_place_and_reason(
        self, tmp_path, made, table, index, value, column, reason
    ):
        made[table][1][index] = value
        first = next(
            refusal
            for refusal in read(network_files.write(tmp_path, made)).refusals
            if refusal.file == f"{table}.csv.gz"
        )
        assert (first.row, first.column) in {(3, column), (0, column)}
        assert reason in first.reason

    def test_refuses_the_rows_that_refer_to_it_as_well(self, tmp_path, made):
        made["sellers"][1][1] = "retailer"
        content = read(network_files.write(tmp_path, made))
        assert {offer.seller for offer in content.offers} == {"S1", "S3", "S4", "S5"}
        assert "is not in sellers" in {refusal.reason for refusal in content.refusals}

    def test_leaves_every_other_row_alone(self, tmp_path, made):
        made["stock"][4][2] = "many"
        content = read(network_files.write(tmp_path, made))
        assert content.refusals == [
            Refusal("stock.csv.gz", 6, "on_hand", "many", "is not a whole number")
        ]
        assert len(content.stock) == len(made["stock"]) - 1


class TestARow:
    def test_that_is_there_twice_is_refused_once(self, tmp_path, made):
        made["offers"].append(list(made["offers"][0]))
        (refusal,) = read(network_files.write(tmp_path, made)).refusals
        assert (refusal.row, refusal.column) == (len(made["offers"]) + 1, "seller, sku")
        assert refusal.reason == "is there twice"

    def test_with_a_gtin_of_another_variant_is_refused(self, tmp_path, made):
        made["products"][5][1] = made["products"][0][1]
        refusals = read(network_files.write(tmp_path, made)).refusals
        assert refusals[0].column == "gtin"

    def test_with_too_few_cells_is_refused(self, tmp_path, made):
        made["stock"][0] = ["S1-1", "P000"]
        (refusal,) = read(network_files.write(tmp_path, made)).refusals
        assert refusal.reason == "has 2 cells instead of 3"


class TestAFile:
    def refused(self, folder: Path) -> Refusal:
        with pytest.raises(UnusableSource) as caught:
            read(folder)
        return caught.value.refusal

    def test_that_is_missing_is_named(self, tmp_path, made):
        network_files.write(tmp_path, made)
        (tmp_path / "stock.csv.gz").unlink()
        assert self.refused(tmp_path) == Refusal("stock.csv.gz", 0, "", "", "there is no such file")

    def test_with_an_unknown_column_is_refused(self, tmp_path, made):
        network_files.write(tmp_path, made)
        network_files.write_table(tmp_path, "stock", [], header="location,sku,on_hand,bin")
        assert self.refused(tmp_path).reason == "is not a known column"

    def test_without_a_column_is_refused(self, tmp_path, made):
        network_files.write(tmp_path, made)
        network_files.write_table(tmp_path, "stock", [], header="location,sku")
        refusal = self.refused(tmp_path)
        assert (refusal.column, refusal.reason) == ("on_hand", "is missing")

    def test_with_a_byte_order_mark_is_refused(self, tmp_path, made):
        network_files.write(tmp_path, made)
        network_files.write_table(tmp_path, "stock", [], mark="\ufeff")
        assert "byte order mark" in self.refused(tmp_path).reason

    def test_that_is_not_compressed_is_refused(self, tmp_path, made):
        network_files.write(tmp_path, made)
        (tmp_path / "stock.csv.gz").write_text("location,sku,on_hand\n")
        assert "not gzip" in self.refused(tmp_path).reason

    def test_that_is_cut_off_is_refused(self, tmp_path, made):
        network_files.write(tmp_path, made)
        whole = (tmp_path / "stock.csv.gz").read_bytes()
        (tmp_path / "stock.csv.gz").write_bytes(whole[: len(whole) // 2])
        assert "cut off" in self.refused(tmp_path).reason

    def test_in_another_encoding_is_refused(self, tmp_path, made):
        network_files.write(tmp_path, made)
        (tmp_path / "stock.csv.gz").write_bytes(gzip.compress("location,sku,é\n".encode("latin1")))
        assert "UTF-8" in self.refused(tmp_path).reason

"""Mappings guessed, checked and found again."""

import pytest

from app.exchange.rules.fields import RESOURCES, fields_of
from app.exchange.rules.guessing import date_format_of, guess, header_of, marks_of
from app.exchange.rules.mapping import ColumnMapping, fingerprint, mapping_from
from app.exchange.rules.names import PLAIN, plain
from app.exchange.rules.reasons import mend_of, padded, reason_of


def guessed(resource, header, *rows):
    return guess(resource, header=header, rows=rows, attributes=["Farbe"])


class TestAGuess:
    @pytest.mark.parametrize(
        ("header", "row"),
        [
            (["SKU", "From qty", "Unit price", "Valid from"], ["a", "1", "1,234.50", "2026-01-31"]),
            (["Artikel-Nr.", "ab Menge", "Preis", "gültig ab"], ["a", "1", "1.234,5", "31.1.2026"]),
            (["Código", "Desde cantidad", "Precio", "Válido desde"],
             ["a", "1", "3,5", "31/1/2026"]),
            (["CÓDIGO DO PRODUTO", "A partir de", "Preço", "Válido a partir de"],
             ["a", "1", "1.234,50", "31/01/2026"]),
        ],
        ids=["en", "de", "es", "pt"],
    )  # fmt: skip
    def test_knows_the_columns_of_prices(self, header, row):
        found = guessed("prices", header, row)
        assert [*found.columns] == ["sku", "from_quantity", "price", "valid_from"]
        assert list(found.columns.values()) == header
        assert found.decimal_mark == ("." if header[0] == "SKU" else ",")
        assert found.date_format == ("iso" if header[0] == "SKU" else "dmy")

    def test_knows_a_gtin_by_its_cells(self):
        found = guessed("stock", ["x", "Menge", "y"], ["4006381333931", "5", "Lager 1"])
        assert found.columns == {"on_hand": "Menge", "gtin": "x"}

    def test_knows_the_callers_own_attributes(self):
        assert guessed("products", ["sku", "FARBE"]).columns["attribute:Farbe"] == "FARBE"

    def test_knows_what_an_export_calls_its_columns(self):
        for resource in RESOURCES:
            names = [each.name for each in fields_of(resource)]
            assert set(guessed(resource, names).columns) == set(names)

    @pytest.mark.parametrize(
        ("cells", "marks"),
        [(["1.5"], (".", ",")), (["1,5"], (",", ".")), (["1.234,5"], (",", ".")),
         (["1,234.5"], (".", ",")), (["1.234.567"], (",", ".")), ([], (".", ",")),
         (["12", "x"], (".", ","))],
    )  # fmt: skip
    def test_tells_the_decimal_mark(self, cells, marks):
        assert marks_of(cells) == marks

    @pytest.mark.parametrize(
        ("cells", "found"),
        [(["3/31/2026"], "mdy"), (["31.3.2026"], "dmy"), (["1/2/2026"], "dmy"), ([], "iso"),
         (["2026-03-31"], "iso")],
    )  # fmt: skip
    def test_tells_the_order_of_day_and_month(self, cells, found):
        assert date_format_of(cells) == found

    def test_gives_every_column_a_name_of_its_own(self):
        assert header_of(["\ufeffa", "a", "", "a"]) == ["a", "a (2)", "column 3", "a (3)"]

    def test_never_finds_two_facts_under_one_name(self):
        for resource in RESOURCES:
            names = [name for each in fields_of(resource) for name in PLAIN.get(each.name, ())]
            assert sorted(names) == sorted(set(names)), resource


class TestAMapping:
    def test_survives_being_saved(self):
        mapping = ColumnMapping(columns={"sku": "Art"}, constants={"location_code": "W"})
        assert mapping_from(mapping.document()) == mapping

    @pytest.mark.parametrize(
        ("mapping", "pointer"),
        [
            ({"columns": {"price": "p"}}, "/columns/sku"),
            ({"columns": {"sku": "s"}}, "/columns/price"),
            ({"columns": {"sku": "s", "price": "p", "colour": "c"}}, "/columns/colour"),
            ({"columns": {"sku": "nowhere", "price": "p"}}, "/columns/sku"),
            ({"columns": {"sku": "s", "price": "p"}, "constants": {"sku": "x"}}, "/constants/sku"),
            ({"columns": {"sku": "s", "price": "p"}, "decimal_mark": ";"}, "/decimal_mark"),
            (
                {"columns": {"sku": "s", "price": "p"}, "thousands_mark": "."},
                "/thousands_mark",
            ),
            ({"columns": {"sku": "s", "price": "p"}, "date_format": "x"}, "/date_format"),
        ],
    )
    def test_points_at_what_is_wrong(self, mapping, pointer):
        problems = ColumnMapping(**mapping).problems("prices", ["s", "p", "c"])
        assert [each["pointer"] for each in problems] == [pointer]

    def test_is_found_by_its_header_whatever_case_and_order(self):
        first = fingerprint("prices", ["SKU", "Preis €"])
        assert first == fingerprint("prices", ["preis", "Sku "])
        assert first != fingerprint("stock", ["SKU", "Preis €"])
        assert first != fingerprint("prices", ["SKU"])


class TestAReason:
    def test_names_the_gtin_that_lost_its_zeros(self):
        assert mend_of("gtin_zeros_lost", "36000291452").startswith("036000291452?")
        assert (padded("123"), padded("123456789")) == ("00000123", "000123456789")

    def test_is_told_in_words(self):
        assert reason_of("formula") == "It is a formula"

    def test_compares_names_without_accents(self):
        assert plain(" Größe (mm) ") == plain("grosse MM")

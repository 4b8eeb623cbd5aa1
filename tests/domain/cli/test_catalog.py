"""``flask catalog``: files in and out at a terminal."""

import pytest

from app.cli.catalog import catalog
from tests.factories import catalog as make
from tests.factories import network as net


@pytest.fixture
def people(session):
    made = net.make_network()
    make.VariantFactory(manufacturer_id=made.mira.id, sku="T-1", name="Tap 1")
    made.mira.code, made.dieter.code = "mira", "dieter"
    make.PriceListFactory(owner_id=made.dieter.id, currency="EUR", name="Spring")
    session.commit()
    return made


def run(app, *arguments):
    return app.test_cli_runner().invoke(catalog, [str(each) for each in arguments])


class TestImport:
    def test_shows_the_mapping_the_report_and_where_the_errors_are(self, app, people, tmp_path):
        file = tmp_path / "prices.csv"
        file.write_text("Artikelnummer;Preis;Farbe\nT-1;1,50;rot\nT-9;2,00;blau\n")
        done = run(app, "import", file, "--as", "dieter", "--resource", "prices",
                   "--price-list", "Spring")  # fmt: skip
        assert done.exit_code == 0, done.output
        for told in ("(left out)", "added", "row 3, Artikelnummer: 'T-9'", "prices.csv.errors.csv"):
            assert told in done.output
        assert "unknown_variant" in (tmp_path / "prices.csv.errors.csv").read_text("utf-8-sig")

    def test_tries_without_a_change(self, app, people, tmp_path):
        file = tmp_path / "products.csv"
        file.write_text("sku,name\nT-1,Tap one\n")
        done = run(app, "import", file, "--as", "mira", "--dry-run")
        assert "would be changed" in done.output
        assert "Nothing was changed: a dry run." in done.output

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("--as", "nobody"), "no organization with the code 'nobody'"),
            (("--as", "dieter", "--resource", "prices", "--price-list", "X"), "no price list"),
            (("--as", "dieter", "--resource", "stock"), "Location code is needed"),
            (("--as", "mira", "--all-or-nothing"), "1 rows were refused"),
        ],
    )
    def test_says_why_it_does_nothing(self, app, people, tmp_path, arguments, told):
        file = tmp_path / "file.csv"
        file.write_text("sku,name,gtin\nT-1,Tap,123\n")
        done = run(app, "import", file, *arguments)
        assert (done.exit_code, told in done.output) == (1, True), done.output


class TestExport:
    @pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
    def test_writes_a_file_that_an_import_reads_back_unchanged(self, app, people, tmp_path, name):
        wrote = run(app, "export", tmp_path / name, "--as", "mira")
        assert wrote.exit_code == 0, wrote.output
        again = run(app, "import", tmp_path / name, "--as", "mira", "--dry-run")
        assert "unchanged" in again.output
        assert "would be" not in again.output

"""Workbooks: exact, without formulas, and none that does harm. A second library is the witness."""

import datetime as dt
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.exchange.errors import FileRefused, TooManyRows
from app.exchange.ports import UNREADABLE, Layout
from connectors.spreadsheets import Spreadsheets, limits
from connectors.spreadsheets.workbook import exact

files = Spreadsheets()


@pytest.fixture
def book(tmp_path):
    """A workbook by another library, read by ours."""

    def read(*rows, mark="."):
        made = openpyxl.Workbook()
        for row in rows:
            made.active.append(row)
        made.save(tmp_path / "book.xlsx")
        layout = files.look(tmp_path / "book.xlsx")
        return list(files.rows(tmp_path / "book.xlsx", Layout(
            form="xlsx", sheet=layout.sheet, decimal_mark=mark)))  # fmt: skip

    return read


@pytest.fixture
def tampered(tmp_path):
    """A workbook one of whose parts is replaced."""

    def make(part, text):
        openpyxl.Workbook().save(tmp_path / "plain.xlsx")
        with zipfile.ZipFile(tmp_path / "plain.xlsx") as plain:
            parts = {name: plain.read(name) for name in plain.namelist()}
        parts[part] = text.encode() if isinstance(text, str) else text
        with zipfile.ZipFile(tmp_path / "bad.xlsx", "w", zipfile.ZIP_DEFLATED) as bad:
            for name, data in parts.items():
                bad.writestr(name, data)
        path = tmp_path / "bad.xlsx"
        return list(files.rows(path, files.look(path)))

    return make


SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet(rows):
    return f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"


class TestAWorkbook:
    def test_says_numbers_dates_and_truths_exactly(self, book):
        rows = book(
            ["GTIN", "price", "day", "at", "truth"],
            [4006381333931, 0.1 + 0.2, dt.date(2026, 3, 1),
             dt.datetime(2026, 3, 1, 12, 30), True],  # noqa: DTZ001 - as spreadsheets keep them
        )  # fmt: skip
        assert rows[1] == ["4006381333931", "0.3", "2026-03-01", "2026-03-01T12:30:00", "true"]

    def test_writes_numbers_with_the_mark_of_its_texts(self, book):
        assert book([1.5, "1,5"], mark=",") == [["1,5", "1,5"]]

    def test_never_gives_a_formula_or_an_error_for_a_value(self, book):
        (row,) = book(["=1+1", "=HYPERLINK(A1)", "#N/A"])
        assert all(UNREADABLE in cell for cell in row)

    @pytest.mark.parametrize(
        ("text", "meant"),
        [("4.006381333931E+12", "4006381333931"), ("0.30000000000000004", "0.3"), ("12", "12"),
         ("1E-3", "0.001"), ("1E400", "1E400"), ("-2.50", "-2.5")],
    )  # fmt: skip
    def test_takes_a_number_as_the_spreadsheet_means_it(self, text, meant):
        assert exact(text) == meant

    @pytest.mark.parametrize(
        ("part", "text"),
        [
            (SHEET, f'<!DOCTYPE x [<!ENTITY a "b">]><worksheet {MAIN}/>'),
            ("xl/workbook.xml", f'<!DOCTYPE x [<!ENTITY a "b">]><workbook {MAIN}/>'),
            (SHEET, sheet('<row r="1"><c r="A1" t="s"><v>7</v></c></row>')),
            (SHEET, sheet('<row r="1"><c r="XFD1"><v>7</v></c></row>')),
            (SHEET, sheet('<row r="9999999"><c r="A1"><v>7</v></c></row>')),
            (SHEET, sheet('<row r="5"/><row r="4"/>')),
            (SHEET, sheet("<row><c")),
            (SHEET, sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>' + "x" * 30_000_000
                          + "</t></is></c></row>")),
            ("xl/workbook.xml", f"<workbook {MAIN}/>"),
        ],
        ids=["entities", "entities in the workbook", "no such text", "far columns", "far rows",
             "rows backwards", "broken", "an endless cell", "no sheet"],
    )  # fmt: skip
    def test_that_is_broken_or_does_harm_is_refused(self, tampered, part, text):
        with pytest.raises(FileRefused):
            tampered(part, text)

    def test_that_unpacks_to_far_more_is_refused_before_it_is_unpacked(self, tampered):
        with pytest.raises(FileRefused):
            tampered("xl/media/bomb", b"\0" * 60_000_000)

    def test_ours_cannot_hold_more_than_a_sheet(self, tmp_path, monkeypatch):
        monkeypatch.setattr(limits, "MAX_SHEET_ROWS", 3)
        with pytest.raises(TooManyRows):
            files.write_workbook(tmp_path / "b.xlsx", header=["a"], rows=[["b"]] * 3)

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.lists(
                st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=20),
                min_size=2, max_size=2,
            ),
            max_size=6,
        )
    )  # fmt: skip
    def test_of_ours_is_read_back_by_us_and_by_others(self, tmp_path, rows):
        path = tmp_path / "b.xlsx"
        files.write_workbook(path, header=["a", "b"], rows=rows)
        ours = [[*row, "", ""][:2] for row in files.rows(path, files.look(path))]
        assert ours[1:] == rows + [["", ""]] * (len(ours) - 1 - len(rows))
        others = openpyxl.load_workbook(path).active.iter_rows(min_row=2, values_only=True)
        seen = [[value or "" for value in row] for row in others]
        assert seen[: len(rows)] == rows[: len(seen)]

"""Delimited files as people send them, and as nobody should."""

import gzip
import tracemalloc
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.exchange.errors import FileRefused
from app.exchange.ports import UNREADABLE, Layout
from connectors.spreadsheets import Spreadsheets, limits

files = Spreadsheets()


@pytest.fixture
def rows_of(tmp_path):
    def read(data: bytes):
        path = tmp_path / "file"
        path.write_bytes(data)
        return list(files.rows(path, files.look(path)))

    return read


WANTED = [["sku", "näme"], ["a", "ü;"]]


class TestACsvFile:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_is_read_whatever_it_is_written_with(self, rows_of, encoding, separator, end):
        text = f'sku{separator}näme{end}a{separator}"ü;"{end}'
        assert rows_of(text.encode(encoding)) == WANTED

    def test_may_be_compressed(self, rows_of, tmp_path):
        assert rows_of(gzip.compress("sku,näme\na,ü;\n".encode())) == WANTED
        with zipfile.ZipFile(tmp_path / "z", "w") as archive:
            archive.writestr("prices.csv", "sku,näme\na,ü;\n")
        assert rows_of((tmp_path / "z").read_bytes()) == WANTED

    def test_keeps_line_breaks_inside_of_quotes_and_blank_rows(self, rows_of):
        assert rows_of(b'sku,n\n"a\nb",1\n\nc,2\n') == [["sku", "n"], ["a\nb", "1"], [], ["c", "2"]]

    def test_marks_what_its_encoding_cannot_say(self, rows_of):
        late = b"sku,n\n" + b"a,b\n" * 300_000 + b"x,\xff\n" + b"y,\0z\n"
        found = rows_of(late)
        assert found[-2:] == [["x", UNREADABLE], ["y", f"{UNREADABLE}z"]]

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(b"", id="nothing"),
            pytest.param(b" \r\n \n", id="blank"),
            pytest.param(b"\xef\xbb\xbf", id="a byte order mark alone"),
            pytest.param(b"\0" * 10_000, id="zeros"),
            pytest.param(b"\xd0\xcf\x11\xe0" + b"\0" * 500, id="old Excel"),
            pytest.param(b"\x1f\x8bnonsense", id="broken gzip"),
            pytest.param(gzip.compress(b"a,b\n" * 99)[:-9], id="cut off gzip"),
            pytest.param(b"PK\x03\x04nonsense", id="broken zip"),
            pytest.param(b"a,b\n" + b"x" * (limits.MAX_LINE + 5), id="a line without end"),
            pytest.param(b'a,b\n"' + b"x\n" * 200_000, id="a quote without end"),
            pytest.param(b",".join([b"c"] * 300) + b"\n", id="300 columns"),
            pytest.param(gzip.compress(b"\n" * 200_000_000, 9), id="a gzip bomb"),
        ],
    )
    def test_is_refused_when_it_does_harm_or_makes_no_sense(self, rows_of, data):
        with pytest.raises(FileRefused):
            rows_of(data)

    def test_costs_no_memory_however_long_a_line_is(self, tmp_path):
        path = tmp_path / "file"
        path.write_bytes(b"a,b\n" + b"x" * 100_000_000)
        tracemalloc.start()
        with pytest.raises(FileRefused):
            list(files.rows(path, files.look(path)))
        assert tracemalloc.get_traced_memory()[1] < 24 * 1024**2
        tracemalloc.stop()


@pytest.fixture(scope="class")
def short_blocks():
    """Blocks and lines so short that every edge of them is met."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "CHUNK", 16)
        patch.setattr(limits, "MAX_LINE", 40)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pieces")


def outcome_of(read):
    try:
        return list(read())
    except FileRefused as refusal:
        return str(refusal.detail)


class TestItsPieces:
    @given(body=st.text(alphabet='ab,"\n\r\0\u00e9\ufffd ', max_size=150))
    @example(body="a,b\r\n" * 20)
    @example(body="a,b\n" * 9 + "\n\n,\na\n" + "a,b\n" * 9)
    @example(body="a,b\n" * 9 + '"a\n\nb",b\n' + "a,b\n" * 9)
    @example(body="a,b\n" + "b" * 39 + "\n")
    @example(body="a,b\n" + "b" * 40 + "\n")
    def test_are_its_rows_below_the_header(self, short_blocks, folder, body):
        path, layout = folder / "file", Layout()
        path.write_text("sku,n\n" + body, encoding="utf-8", newline="")

        def taken_apart():
            for piece in files.pieces(path, layout, 2):
                assert all(line.count(",") == 1 for line in piece.lines)
                yield from piece.rows or [line.split(",") for line in piece.lines]

        found = outcome_of(lambda: files.rows(path, layout))
        assert outcome_of(taken_apart) == (found if isinstance(found, str) else found[1:])


class TestAPlainFile:
    def test_is_given_in_lines_as_they_stand(self, tmp_path):
        path = tmp_path / "file"
        path.write_text("sku,n\r\n" + "a,1\r\n" * 3, newline="")
        (piece,) = files.pieces(path, files.look(path), 2)
        assert list(piece.lines) == ["a,1"] * 3

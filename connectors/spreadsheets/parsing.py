"""XML parts of a workbook, fed to expat chunk by chunk; none may declare a document type."""

import zipfile
from collections.abc import Callable, Iterator
from xml.parsers import expat

from app.exchange.errors import FileRefused
from connectors.spreadsheets import limits
from connectors.spreadsheets.archives import open_member

Start = Callable[[str, dict[str, str]], object]
End = Callable[[str], object]


def nothing(_: str) -> None:
    """What is not of interest."""


def fed(
    archive: zipfile.ZipFile,
    part: str,
    *,
    start: Start,
    end: End = nothing,
    text: End = nothing,
    most: int = limits.MAX_UNPACKED,
) -> Iterator[None]:
    """Parse a part of the archive chunk by chunk; yields between chunks.

    Raises:
        FileRefused: it is no sound XML, or declares a document type.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, given: start(name.rpartition(" ")[2], given)
    parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.buffer_text = True
    stream = open_member(archive, part, most)
    try:
        while data := stream.read(limits.CHUNK):
            parser.Parse(data, False)
            yield
        parser.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, EOFError, ValueError) as error:
        raise FileRefused(f"{part} is broken; save the file again") from error
    finally:
        stream.close()


def _refuse_doctype(*_: object) -> None:
    raise FileRefused("The workbook declares a document type, which none needs")

"""Compressed files, opened only when what they would become is bounded."""

import gzip
import zipfile
from pathlib import Path
from typing import IO, cast

from app.exchange.errors import FileRefused
from connectors.spreadsheets import limits


class Bounded:
    """A stream that refuses to give more than ``most`` bytes."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream, self._left = stream, most

    def read(self, size: int = limits.CHUNK) -> bytes:
        """The next bytes.

        Raises:
            FileRefused: they unpack to more than is taken.
        """
        data = self._stream.read(size if size > 0 else limits.CHUNK)
        self._left -= len(data)
        if self._left < 0:
            raise FileRefused("It unpacks to more than is taken; send it in parts")
        return data

    def close(self) -> None:
        """Close the stream below."""
        self._stream.close()


def open_zip(path: Path) -> zipfile.ZipFile:
    """An archive whose contents are bounded: checked before anything is unpacked.

    Raises:
        FileRefused: it is broken, encrypted, or a bomb.
    """
    try:
        archive = zipfile.ZipFile(path)
        members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileRefused("The archive is broken; save the file again") from error
    if len(members) > limits.MAX_MEMBERS or any(each.flag_bits & 1 for each in members):
        archive.close()
        raise FileRefused("The archive holds too many files, or encrypted ones")
    whole = sum(each.file_size for each in members)
    allowed = max(limits.FREE_OF_RATIO, path.stat().st_size * limits.MAX_RATIO)
    if whole > min(allowed, limits.MAX_UNPACKED):
        archive.close()
        raise FileRefused("The archive unpacks to far more than a file of rows would")
    return archive


def open_member(archive: zipfile.ZipFile, name: str, most: int) -> Bounded:
    """A member as a bounded stream.

    Raises:
        FileRefused: there is none, or it cannot be opened.
    """
    try:
        info = archive.getinfo(name)
        if info.file_size > most:
            raise FileRefused(f"{name} is larger than is taken")
        return Bounded(archive.open(info), most)
    except (KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise FileRefused(f"{name} is missing or broken; save the file again") from error


def open_packed(path: Path, packed: str) -> Bounded:
    """A plain file, or the one file inside a compressed one, as a bounded stream.

    Raises:
        FileRefused: it holds no such file, or too much.
    """
    most = min(
        limits.MAX_UNPACKED, max(limits.FREE_OF_RATIO, path.stat().st_size * limits.MAX_RATIO)
    )
    if packed == "gz":
        return Bounded(cast("IO[bytes]", gzip.open(path, "rb")), most)
    if packed == "zip":
        archive = open_zip(path)
        return open_member(archive, only_table(archive), most)
    return Bounded(path.open("rb"), limits.MAX_UNPACKED)


def only_table(archive: zipfile.ZipFile) -> str:
    """The one file of rows in an archive.

    Raises:
        FileRefused: there is none, or several.
    """
    names = [
        each.filename
        for each in archive.infolist()
        if each.filename.lower().endswith((".csv", ".txt", ".tsv"))
        and not each.filename.startswith("__MACOSX/")
    ]
    if len(names) != 1:
        raise FileRefused("The archive must hold exactly one CSV file")
    return names[0]

"""Bytes on disk to text: compressed or not, with or without a byte order mark, UTF-8 or a clear error."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

from middlemost.errors import InputError, Place

# What no honest file reaches: answers in a CSV file pack to a tenth, perhaps to a fiftieth.
PIECE, SAFE_BYTES, MOST_RATIO = 2**20, 2**28, 200
_GZIP = b"\x1f\x8b"
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read_bytes(path: Path) -> bytes:
    """The content of a file, unpacked if it is gzip. InputError where it is missing, empty or damaged."""
    place = Place(str(path))
    if path.is_dir():
        raise InputError("This is a folder, not a file.", place=place)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError("There is no such file.", place=place, mend=_neighbours(path)) from None
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.", place=place) from error
    data = _unpack(data, place) if data.startswith(_GZIP) else data
    if not data.strip():
        raise InputError("The file is empty.", place=place, mend="Was the export finished?")
    return data


def decode(data: bytes, name: str) -> str:
    """`data` as text. Byte order marks are understood; a byte that is not UTF-8 is an error with its line."""
    encoding = next((encoding for bom, encoding in _BOMS.items() if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(data, error, name) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError("This is not a text file: it holds NUL bytes.", place=Place(name, line))
    return text


def _unpack(data: bytes, place: Place) -> bytes:
    try:
        return b"".join(_unpacked(data, place))
    except EOFError:
        mend = "Copy or download it again."
        raise InputError("The compressed file breaks off before its end.", place=place, mend=mend) from None
    except (gzip.BadGzipFile, zlib.error):
        mend = "Copy or download it again."
        raise InputError("The compressed file is damaged.", place=place, mend=mend) from None


def _unpacked(data: bytes, place: Place) -> Iterator[bytes]:
    """The content in pieces; a small file that would fill the memory is refused before it does."""
    n = 0
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
        while piece := packed.read(PIECE):
            n += len(piece)
            if n > SAFE_BYTES and n > MOST_RATIO * len(data):
                message = f"Unpacked, this file is over {MOST_RATIO} times as large, as no table of answers is."
                raise InputError(message, place=place, mend="If it is what you mean to read, unpack it first.")
            yield piece


def _undecodable(data: bytes, error: UnicodeDecodeError, name: str) -> InputError:
    if error.encoding != "utf-8":
        return InputError(f"The file begins as {error.encoding} but does not go on so.", place=Place(name))
    start = data.rfind(b"\n", 0, error.start) + 1
    line = data.count(b"\n", 0, error.start) + 1
    byte = data[error.start]
    guess = bytes([byte]).decode("cp1252", errors="replace")
    return InputError(
        f"Byte {error.start - start + 1} of this line (0x{byte:02X}) is not UTF-8, though what comes before it is.",
        place=Place(name, line),
        mend=f"Save the whole file as UTF-8; in Windows-1252 this byte would be {guess!r}.",
    )


def _neighbours(path: Path) -> str | None:
    folder = path.parent
    if not folder.is_dir():
        return f"There is no folder {str(folder)!r} either."
    kinds = {".csv", ".gz", ".tsv", ".jsonl", ".json", ".parquet"}
    names = sorted(other.name for other in folder.iterdir() if other.suffix in kinds)[:5]
    return f"The folder has: {', '.join(names)}." if names else None

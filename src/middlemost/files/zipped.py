"""Zip files: reading them without being filled by them, and writing them so that the same content is the same bytes."""

from __future__ import annotations

import io
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from middlemost.errors import InputError, Place
from middlemost.files.text import MOST_RATIO, PIECE, SAFE_BYTES

MAGIC = b"PK\x03\x04"
MOST_MEMBERS = 10_000
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can name
_UNIX, _PLAIN_FILE = 3, 0o100644 << 16
_AGAIN = "Copy or download it again."


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip file of `files`, by path."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(_entry(name), data)
    return buffer.getvalue()


def pack(out: Path, files: Mapping[str, Path]) -> None:
    """The same of `files` on disk, in the order of their paths inside, to the file `out`. OSError as it comes."""
    with zipfile.ZipFile(out, "w") as archive:
        for name, path in sorted(files.items()):
            with path.open("rb") as source, archive.open(_entry(name), "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, PIECE)


def pack_folder(out: Path, folder: Path, inside: str) -> None:
    """The same of all that is in `folder`, in a folder called `inside`."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    pack(out, {f"{inside}/{name}": path for name, path in found.items()})


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, _UNIX, _PLAIN_FILE
    return entry


def unzipped(data: bytes, path: Path, suffixes: tuple[str, ...]) -> list[tuple[str, bytes]]:
    """(name, content) of the files with these suffixes in the zip file `data`, read from `path`.

    InputError where it is damaged, locked, or unpacks to what no honest file does. Nothing is written to disk.
    """
    place = Place(str(path))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise InputError(f"This zip file holds over {MOST_MEMBERS:,} files.", place=place)
            wanted = [one for one in members if one.filename.lower().endswith(suffixes) and not _hidden(one.filename)]
            left = max(SAFE_BYTES, MOST_RATIO * len(data))
            found = []
            for one in wanted:
                found.append((one.filename, b"".join(_pieces(archive, one, left, place))))
                left -= len(found[-1][1])
            return found
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise InputError("The zip file is damaged.", place=place, mend=_AGAIN) from error
    except RuntimeError:  # what zipfile calls a file with a password
        raise InputError("The zip file is locked by a password.", place=place, mend="Unpack it first.") from None


def _pieces(archive: zipfile.ZipFile, one: zipfile.ZipInfo, most: int, place: Place) -> Iterator[bytes]:
    """The content; what would fill the memory is refused before it does, whatever the file says of its size."""
    n = 0
    with archive.open(one) as packed:
        while piece := packed.read(PIECE):
            n += len(piece)
            if n > most:
                message = f"Unpacked, this file is over {MOST_RATIO} times as large, as no export is."
                raise InputError(message, place=place, mend="If it is what you mean to read, unpack it first.")
            yield piece


def _hidden(name: str) -> bool:
    """What a Mac puts beside the files, and what is hidden."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")

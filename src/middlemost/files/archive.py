"""Several files in one (ZIP), whose bytes depend on nothing but what is in it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first day that ZIP knows
_UNIX, _PLAIN_FILE = 3, 0o100644 << 16


def pack(out: Path, files: Mapping[str, Path]) -> None:
    """Write `files` (by their path inside) to the archive `out`, in the order of these paths. OSError as it comes."""
    with ZipFile(out, "w") as archive:
        for name, path in sorted(files.items()):
            entry = ZipInfo(name, _LONG_AGO)
            entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, _UNIX, _PLAIN_FILE
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1024 * 1024)


def pack_folder(out: Path, folder: Path, inside: str) -> None:
    """The same of all that is in `folder`, in a folder called `inside`."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    pack(out, {f"{inside}/{name}": path for name, path in found.items()})

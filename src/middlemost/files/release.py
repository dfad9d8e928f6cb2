"""Writing a release: a folder whose bytes depend on nothing but what is in it, with a manifest of their hashes."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

import polars as pl

from middlemost.errors import InputError, Place, StateError

MANIFEST = "manifest.json"
FORMAT = "middlemost-release/1"
_NEVER = "Releases are never changed: name a new folder."


def parquet(frame: pl.DataFrame) -> bytes:
    """The frame as the bytes of a Parquet file."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    return buffer.getvalue()


def json_lines(records: Iterable[Mapping[str, object]]) -> bytes:
    """The records as JSON Lines."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def write_release(out: str | Path, files: Mapping[str, bytes], about: Mapping[str, object]) -> Path:
    """Write `files` (by path inside the folder) and their manifest to the folder `out`: all of them or none.

    The manifest holds `about`, the size and SHA-256 of each file, and as `id` the hash over these. The same release
    again is no error; StateError if `out` holds anything else.
    """
    out = Path(out)
    manifest = _manifest(files, about)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        return _same(out, files, manifest)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
            whole = Path(scratch) / "release"
            for name, data in {**files, MANIFEST: manifest}.items():
                (whole / name).parent.mkdir(parents=True, exist_ok=True)
                (whole / name).write_bytes(data)
            if out.exists():
                out.rmdir()
            whole.rename(out)
    except OSError as error:
        raise InputError(f"The release cannot be written: {error.strerror}.", place=Place(str(out))) from error
    return out


def _manifest(files: Mapping[str, bytes], about: Mapping[str, object]) -> bytes:
    listed = {name: {"bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in sorted(files.items())}
    identity = sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()
    content = {"format": FORMAT, "id": identity, **about, "files": listed}
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def _same(out: Path, files: Mapping[str, bytes], manifest: bytes) -> Path:
    wanted = {**files, MANIFEST: manifest}
    there = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if not path.is_dir()}
    same = all(name in there and there[name].read_bytes() == wanted[name] for name in wanted)
    if same and len(there) == len(wanted):
        return out
    raise StateError(_other(out, sorted(there.keys() - wanted.keys()) if same else []), mend=_NEVER)


def _other(out: Path, foreign: list[str]) -> str:
    if foreign:
        return f"{out} holds this release, but also {foreign[0]}, which is not of it."
    return f"{out} holds another release." if (out / MANIFEST).is_file() else f"{out} is not empty."

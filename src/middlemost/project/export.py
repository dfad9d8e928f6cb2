"""`export`: items with all answers that count, in the format of another tool. Pseudonyms only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from middlemost.core.nouns import Item
from middlemost.errors import InputError, Place, SettingError, StateError, did_you_mean
from middlemost.files.exports import EXPORTS, Export, Outgoing
from middlemost.project.collected import long_table
from middlemost.project.folder import Project
from middlemost.project.release import released
from middlemost.store import answers, items
from middlemost.store.sql import Row


@dataclass(frozen=True)
class Exported:
    """What was written: the files, how many items and pages of answers; what was `left` behind, in words."""

    files: tuple[Path, ...]
    items: int
    pages: int
    left: tuple[str, ...]


def export(project: Project, format: str, out: str | Path, *, force: bool = False) -> Exported:
    """Write the project to the file `out`, and to files beside it where the format has some.

    A format that is a folder is written to the folder `out`, or as a zip file where `out` ends in .zip.

    Answers that came too late for a place, earlier revisions, and those to control items stay behind.
    SettingError for an unknown format, StateError where a file is there already, unless with `force`.
    """
    out = Path(out)
    given = outgoing(project)
    made = exported(given, format)
    files = _files(out, made)
    _write(files, force=force, folders=bool(made.inside))
    return Exported(tuple(files), len(given.items), given.n_pages, made.left)


def exported(given: Outgoing, format: str) -> Export:
    """The same without a file. SettingError for an unknown format."""
    if format not in EXPORTS:
        mend = did_you_mean(format, list(EXPORTS), otherwise="There are: ")
        raise SettingError(f"There is no format {format!r}.", mend=mend)
    return EXPORTS[format](given)


def _files(out: Path, made: Export) -> dict[Path, bytes]:
    if made.inside and out.suffix.lower() != ".zip":
        if out.is_file():
            raise StateError(f"{out} is a file.", mend="Name a folder, or a file that ends in .zip.")
        return {out / name: data for name, data in made.inside.items()}
    return {out: made.content} | {out.with_name(out.name + suffix): more for suffix, more in made.beside.items()}


def _write(files: dict[Path, bytes], *, force: bool, folders: bool) -> None:
    for path in files:
        if path.exists() and not force:
            raise StateError(f"{path} is there already.", mend="Name another file, or --force.")
    for path, content in files.items():
        try:
            if folders:
                path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise InputError(f"The file cannot be written: {error.strerror}.", place=Place(str(path))) from error


def outgoing(project: Project) -> Outgoing:
    """All that goes out, as it stood at one moment."""
    every, known, rows = project.store.read(_picture)
    counted = [row for row in rows if row.stands and not row.surplus and row.round > 0]
    return Outgoing(
        project.protocol, tuple(known), dict(every), long_table(counted).drop("stands"), partial(released, project)
    )


def _picture(connection: sa.Connection) -> tuple[list[tuple[str, str]], list[Item], list[Row]]:
    gold = [(item, label) for item, label, _ in items.gold_rows(connection)]
    return gold, items.every(connection), answers.every(connection)

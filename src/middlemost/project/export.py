"""`export`: items with all answers that count, in the format of another tool. Pseudonyms only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from middlemost.core.nouns import Item
from middlemost.errors import InputError, Place, SettingError, StateError, did_you_mean
from middlemost.files.exports import EXPORTS, FORMATS, TABLES, Export, Outgoing
from middlemost.project.collected import counted_table, long_table, marked
from middlemost.project.folder import Project
from middlemost.project.release import released
from middlemost.store import answers, going_out, items, samples
from middlemost.store.sql import Row

Tell = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Exported:
    """What was written: the files, how many items and pages of answers; what was `left` behind, in words."""

    files: tuple[Path, ...]
    items: int
    pages: int
    left: tuple[str, ...]


def export(
    project: Project, format: str, out: str | Path, *, force: bool = False, tell: Tell = lambda done, total: None
) -> Exported:
    """Write the project to the file `out`, and to files beside it where the format has some: all of them or none.

    A format that is a folder is written to the folder `out`, or as a zip file where `out` ends in .zip. Answers that
    came too late for a place, earlier revisions, and those to control items stay behind. `tell` hears how many of all
    items are written. SettingError for an unknown format, StateError where a file is there already, unless with
    `force`; InputError where it cannot be written.
    """
    out = Path(out)
    require_format(format, FORMATS)
    if out.is_file() and not force:  # told before the work, too
        raise _there(out)
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
            done = write(project, format, Path(scratch) / out.name, tell)
            return _moved(done, Path(scratch), out.parent, force=force)
    except OSError as error:
        raise InputError(f"The file cannot be written: {error.strerror}.", place=Place(str(out))) from error


def require_format(format: str, formats: tuple[str, ...]) -> None:
    """SettingError for an unknown format."""
    if format not in formats:
        mend = did_you_mean(format, formats, otherwise="There are: ")
        raise SettingError(f"There is no format {format!r}.", mend=mend)


def _moved(done: Exported, scratch: Path, folder: Path, *, force: bool) -> Exported:
    places = [folder / file.relative_to(scratch) for file in done.files]
    for place in places:
        if place.parent.is_file():
            raise StateError(f"{place.parent} is a file.", mend="Name a folder, or a file that ends in .zip.")
        if place.exists() and not force:
            raise _there(place)
    for file, place in zip(done.files, places, strict=True):
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file, place)
    return Exported(tuple(places), done.items, done.pages, done.left)


def _there(path: Path) -> StateError:
    return StateError(f"{path} is there already.", mend="Name another file, or --force.")


def write(project: Project, format: str, out: Path, tell: Tell) -> Exported:
    """The same into a folder where nothing is. What goes wrong with the disk comes out as OSError."""
    if format in TABLES:
        return project.store.read(_write_table, format, out, tell)
    given = outgoing(project)
    made = exported(given, format)
    files = _files(out, made)
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Exported(tuple(files), len(given.items), given.n_pages, made.left)


def _write_table(connection: sa.Connection, format: str, out: Path, tell: Tell) -> Exported:
    pages, total, known = 0, going_out.count(connection), samples.known_labels(connection)

    def blocks() -> Iterator[pl.DataFrame]:
        nonlocal pages
        yield counted_table([])  # whose columns are there where nobody has answered, too
        done = 0
        for block in going_out.blocks(connection):
            tell(done, total)
            table = marked(counted_table(block.rows), known)
            pages += table.select("item", "rater", "round").n_unique()
            yield table
            done += block.n
        tell(done, total)

    TABLES[format](out, blocks())
    return Exported((out,), total, pages, ())


def exported(given: Outgoing, format: str) -> Export:
    """Items with their pages in a format that takes all of them at once."""
    return EXPORTS[format](given)


def _files(out: Path, made: Export) -> dict[Path, bytes]:
    if made.inside and out.suffix.lower() != ".zip":
        return {out / name: data for name, data in made.inside.items()}
    return {out: made.content} | {out.with_name(out.name + suffix): more for suffix, more in made.beside.items()}


def outgoing(project: Project) -> Outgoing:
    """All that goes out, as it stood at one moment."""
    gold, known, rows = project.store.read(_picture)
    counted = [row for row in rows if row.stands and not row.surplus and row.round > 0]
    table = marked(long_table(counted).drop("stands"), gold)
    labels = {item: label for item, label, *_ in gold}
    return Outgoing(project.protocol, tuple(known), labels, table, partial(released, project))


def _picture(connection: sa.Connection) -> tuple[list[tuple[str, str, str, str]], list[Item], list[Row]]:
    return samples.known_labels(connection), items.every(connection), answers.every(connection)

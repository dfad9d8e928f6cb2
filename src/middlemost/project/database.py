"""Where a project's answers are: an SQLite file in its folder, or a PostgreSQL database that the caller names."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from middlemost.errors import MissingError, StateError
from middlemost.store.database import address_of, engine_of, name_of
from middlemost.store.store import Store
from middlemost.store.upgrade import restore as put_back

DATABASE = "middlemost.db"
ELSEWHERE = "database.txt"  # in the folder of a project whose answers are elsewhere: which database, without a secret
VARIABLE = "MIDDLEMOST_DATABASE_URL"


@dataclass(frozen=True)
class Location:
    """The database of the project in `folder`: `url` where the caller named one."""

    folder: Path
    url: str | None = None

    def open(self, clock: Callable[[], float] = time.time) -> Store:
        """Open it, made or brought up to date where needed; what an earlier version left is kept in the folder first.

        StateError where the project's answers are in a database that the caller did not name.
        """
        self.require()
        store = Store.open(self.url or self.folder / DATABASE, clock, backups=self.folder)
        self._note()
        return store

    def exists(self) -> bool:
        """Whether there can be anything in it: false for a project that was never opened."""
        self.require()
        return self.url is not None or (self.folder / DATABASE).exists()

    def require(self) -> None:
        """Refuse to begin a second database beside the one that has the answers."""
        note = self.folder / ELSEWHERE
        if self.url is None and note.exists():
            where = note.read_text("utf-8").strip()
            mend = f"Say where in {VARIABLE}, or remove {note} if it is no longer true."
            raise StateError(f"This project's answers are in the database {where}.", mend=mend)

    def _note(self) -> None:
        if self.url is not None and address_of(self.url).get_backend_name() != "sqlite":
            engine = engine_of(self.url)
            text = f"{name_of(engine)}\n"
            engine.dispose()
            note = self.folder / ELSEWHERE
            if not note.exists() or note.read_text("utf-8") != text:
                note.write_text(text, "utf-8")


def back_up(folder: str | Path, target: str | Path | None = None, *, database: str | None = None) -> Path:
    """Copy everything that was collected to one file, while work goes on; gives the file.

    `target` is a new file, in the project's folder and named by the time if None. StateError if it is there already
    or cannot be written; MissingError if nothing was ever collected.
    """
    where = Location(_project(folder), database)
    if not where.exists():
        raise MissingError(f"Nothing was ever collected in {folder}: there is nothing to back up.")
    named = where.folder / time.strftime("backup-%Y%m%d-%H%M%S.db", time.gmtime())
    with where.open() as store:
        return store.back_up(Path(target) if target else named)


def restore(folder: str | Path, backup: str | Path, *, database: str | None = None) -> None:
    """Put a backup back, into a database that is empty or not there yet. It may be of the other kind.

    InputError if it is no backup; StateError if anything is in the project's database.
    """
    where = Location(_project(folder), database)
    where.require()
    engine = engine_of(where.url or where.folder / DATABASE)
    try:
        put_back(engine, Path(backup))
    finally:
        engine.dispose()


def migrate(folder: str | Path, *, database: str | None = None) -> Path | None:
    """Bring the project's database up to date now, not at its next use; gives the copy of what it was, if it changed.

    MissingError if nothing was ever collected; StateError if it is a newer version's, or not ours.
    """
    where = Location(_project(folder), database)
    if not where.exists():
        raise MissingError(f"Nothing was ever collected in {folder}: there is nothing to bring up to date.")
    with where.open() as store:
        return store.kept


def _project(folder: str | Path) -> Path:
    """The folder, if it is there: a backup may be put back before protocol.yaml is."""
    folder = Path(folder)
    if not folder.is_dir():
        raise MissingError(f"There is no folder {folder}.", mend=f"middlemost init {folder}")
    return folder

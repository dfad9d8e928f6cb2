"""`doctor`: whether what was collected is whole and is what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from middlemost.errors import MissingError
from middlemost.project.database import Location
from middlemost.store import counts, events
from middlemost.store.events import Chain


@dataclass(frozen=True)
class Findings:
    """What `doctor` found: `events` in the audit log, `sealed` of them under the newest seal, everything amiss.

    `seal` is what to write down elsewhere: as long as the log still has it, nobody changed what was sealed by then.
    """

    items: int
    answers: int
    events: int
    sealed: int
    seal: str | None
    faults: tuple[str, ...]


def doctor(folder: str | Path, *, seal: str | None = None, database: str | None = None) -> Findings:
    """Look through the project's database: the file itself, the counters, the audit log, the answers against the log.

    `seal` is one that was written down earlier; the log must still have it. Nothing is changed but that what was logged
    and not yet sealed is sealed.
    """
    where = Location(Path(folder), database)
    if not where.exists():
        raise MissingError(f"Nothing was ever collected in {folder}.", mend="Nothing to look through.")
    with where.open() as store:
        store.seal()
        return store.read(_look, seal)


def _look(connection: sa.Connection, seal: str | None) -> Findings:
    chain, have = events.verify(connection), counts.of_project(connection)
    faults = (*counts.adrift(connection), *_told(chain), *_unknown(connection, seal))
    return Findings(have["items"], have["answers"], chain.events, chain.sealed, chain.seal, faults)


def _told(chain: Chain) -> Iterator[str]:
    return (f"audit log, {fault.where}: {fault.what}" for fault in chain.faults)


def _unknown(connection: sa.Connection, seal: str | None) -> Iterator[str]:
    if seal is not None and not events.knows(connection, seal):
        yield f"audit log: it has no seal {seal} (any more)"

"""Jobs: work that nobody waits for, done by whichever process of the server comes first.

A job is taken by a lease, which its worker renews while it works. A worker that is killed lets go of its job by that:
another one, or the same after a restart, begins it anew; three times, then it has failed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic
from typing import Any, Literal

from middlemost.core.nouns import Person
from middlemost.errors import MiddlemostError, MissingError, UnavailableError
from middlemost.project.folder import Project
from middlemost.store import jobs as stored
from middlemost.store.sql import Row

log = logging.getLogger("middlemost.project")

LEASE, RENEW_SECONDS = 15.0, 1.0
MISTAKE = "This is a mistake of the server: its log has the details."

State = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True)
class Job:
    """Work that somebody (a pseudonym, None: the command line) asked for. `done` of `total` steps, None: nobody knows.

    Times are Unix seconds. `outcome`: why it failed, or what else is to be said of it. `file`: the name of what it
    made, `size` its bytes.
    """

    id: int
    kind: str
    settings: Mapping[str, Any]
    state: State
    done: int
    total: int | None
    by: str | None
    made_at: float
    started_at: float | None
    finished_at: float | None
    tries: int
    outcome: str | None
    file: str | None
    size: int | None


@dataclass(frozen=True)
class Jobs:
    """Some jobs, newest first. `before` is the cursor of the next page, None on the last."""

    jobs: tuple[Job, ...]
    before: int | None


@dataclass(frozen=True)
class Made:
    """What a job came to: the name of its file with its bytes, and what else is to be said of it."""

    file: str
    size: int
    outcome: str | None = None


class GoneError(Exception):
    """The work is to end at once: the server stops, or the job is another's by now."""


@dataclass(eq=False)
class Work:
    """A job at work. Whoever does it says how far it has come, and hears by that whether to go on."""

    job: Job
    worker: str
    stopped: Event
    done: int = 0
    total: int | None = None
    lost: Event = field(default_factory=Event)

    def tell(self, done: int, total: int | None) -> None:
        """So far `done` of `total` steps. GoneError where there is no use in going on."""
        self.done, self.total = done, total
        if self.stopped.is_set() or self.lost.is_set():
            raise GoneError


Maker = Callable[[Project, Work], Made]


def ask(project: Project, kind: str, settings: Mapping[str, object], by: Person | None, key: str) -> Job:
    """Have something done. The same key again gives the same job, StateError if it was used for another one.

    TooManyError where many of the kind are to be done already.
    """
    who = by.id if by else None
    number = project.store.write(stored.add, kind, settings, key, who=who, now=project.store.clock())
    return job(project, kind, number)


def job(project: Project, kind: str, number: int) -> Job:
    """One job of a kind. MissingError if there is none of this number."""
    row = project.store.read(stored.find, kind, number)
    if row is None:
        raise MissingError(f"There is no {kind} {number}, or not any more.")
    return _job(row, row.pseudonym)


def jobs(project: Project, kind: str, before: int | None = None, most: int = 50) -> Jobs:
    """Up to `most` jobs of a kind, newest first, older than number `before`."""
    rows = project.store.read(stored.newest, kind, before, most + 1)
    shown = tuple(_job(row, row.pseudonym) for row in rows[:most])
    return Jobs(shown, shown[-1].id if len(rows) > most else None)


def _job(row: Row, by: str | None) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        settings=json.loads(row.settings),
        state=row.state,
        done=row.done,
        total=row.total,
        by=by,
        made_at=row.made_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        tries=row.tries,
        outcome=row.outcome,
        file=row.file,
        size=row.size,
    )


def work_once(project: Project, makers: Mapping[str, Maker], worker: str, stopped: Event) -> bool:
    """Do the oldest job that nobody does, if there is one; whether there was. `worker`: a name that no other has."""
    kinds, now = list(makers), project.store.clock()
    if not project.store.read(stored.any_free, kinds, now=now):
        return False
    row = project.store.write(stored.take, kinds, worker, now=now, lasts=LEASE)
    if row is None:
        return False
    work = Work(_job(row, None), worker, stopped)
    with _held(project, work):
        _do(project, makers[work.job.kind], work)
    return True


def _do(project: Project, make: Maker, work: Work) -> None:
    """Whatever comes of it is noted, but where the job is another's by now, or the database is away: then it lapses."""
    try:
        made = make(project, work)
    except GoneError:
        if not work.lost.is_set():
            project.store.write(stored.give_back, work.job.id, work.worker)
    except UnavailableError:
        raise
    except MiddlemostError as error:
        _finish(project, work, "failed", " ".join(filter(None, (error.message, error.mend))))
    except Exception:
        log.exception("job %s could not be done", work.job.id)
        _finish(project, work, "failed", MISTAKE)
    else:
        _finish(project, work, "done", made.outcome, made.file, made.size)


def _finish(
    project: Project, work: Work, state: State, outcome: str | None, file: str | None = None, size: int | None = None
) -> None:
    now = project.store.clock()
    project.store.write(stored.finish, work.job.id, work.worker, state, outcome, file, size, now=now)


def still_held(project: Project, work: Work) -> bool:
    """Whether the job is this worker's still; if so it is held for a while from now on."""
    now = project.store.clock()
    return project.store.write(stored.renew, work.job.id, work.worker, work.done, work.total, now=now, lasts=LEASE)


@contextmanager
def _held(project: Project, work: Work) -> Iterator[None]:
    """Renew the lease in a thread of its own for as long as the block lasts: some steps take longer than a lease."""
    ended = Event()
    thread = Thread(target=_renew, args=(project, work, ended), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renew(project: Project, work: Work, ended: Event) -> None:
    held = monotonic()
    while not ended.wait(RENEW_SECONDS) and not work.lost.is_set():
        asked = monotonic()
        try:
            if still_held(project, work):
                held = asked
            elif not ended.is_set():
                work.lost.set()
        except UnavailableError:
            if asked - held > LEASE:
                work.lost.set()

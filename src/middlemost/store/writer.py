"""One thread that writes. What comes in while it is busy shares the next commit, and with it one wait for the disk."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from middlemost.errors import MiddlemostError, StateError

MOST = 256  # operations in one commit, so that under any load the first of them is not kept waiting for long


@dataclass(frozen=True, eq=False)
class Job:
    """An operation on its way to disk; `future` resolves once its commit is there."""

    run: Callable[[sa.Connection], Any]
    future: Future[Any]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What an operation gave, told to nobody before the commit."""

    future: Future[Any]
    value: Any = None
    error: Exception | None = None

    def tell(self) -> None:
        """Resolve the future."""
        if self.error is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.error)


class Writer:
    """The one thread that changes the database, and its queue."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="middlemost-writer", daemon=True)
        self._thread.start()

    def submit(self, run: Callable[[sa.Connection], Any]) -> Future[Any]:
        """Queue an operation. Its future resolves when the commit that holds it is on disk, and cannot be cancelled."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        with self._gate:
            if self._closed:
                raise StateError("The store is closed.")
            self._queue.put(Job(run, future))
        return future

    def close(self) -> None:
        """Finish what is queued, then end the thread."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        with self._engine.connect().execution_options(writing=True) as connection:
            while (job := self._queue.get()) is not None:
                self._commit(connection, job)

    def _commit(self, connection: sa.Connection, first: Job) -> None:
        jobs, outcomes = [first], []
        try:
            with connection.begin():
                for job in jobs:  # grows while it is walked
                    outcomes.append(_attempt(connection, job))
                    jobs.extend(self._waiting(len(jobs)))
        except Exception as error:  # nothing of this commit was kept, and everybody in it has to hear so
            connection.invalidate()  # a failed COMMIT leaves its transaction open: begin on a new connection next time
            outcomes = [Outcome(job.future, error=_unwritten(error)) for job in jobs]
        for outcome in outcomes:
            outcome.tell()

    def _waiting(self, so_far: int) -> list[Job]:
        """The next job that is queued by now, if there is one and room for it."""
        if so_far >= MOST or self._queue.empty():
            return []
        job = self._queue.get()
        if job is None:
            self._queue.put(None)  # `close`: for `_work` to see
            return []
        return [job]


def _attempt(connection: sa.Connection, job: Job) -> Outcome:
    """Run one operation so that its failure undoes it alone."""
    say: Any = connection.connection.driver_connection  # SQLAlchemy's own savepoints take longer than the operation
    say.execute("SAVEPOINT operation")
    try:
        value = job.run(connection)
    except Exception as error:
        say.execute("ROLLBACK TO operation")
        return Outcome(job.future, error=error)
    say.execute("RELEASE operation")
    return Outcome(job.future, value)


def _unwritten(error: Exception) -> Exception:
    """What to tell those whose commit failed."""
    if isinstance(error, MiddlemostError):
        return error
    told = StateError(f"Nothing was written: {getattr(error, 'orig', error)}.", mend="Try again.")
    told.__cause__ = error
    return told

"""Those who write: a queue of operations, and the threads that take from it."""

from __future__ import annotations

import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from middlemost.errors import StateError

Run = Callable[[sa.Connection], Any]


@dataclass(frozen=True, eq=False)
class Job:
    """An operation on its way to disk; `future` resolves once its commit is there.

    `repeatable`: doing it twice is doing it once, so it may be done again where nobody knows whether it was kept.
    """

    run: Run
    repeatable: bool = False
    future: Future[Any] = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)


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


class Writer(ABC):
    """`threads` threads that change the database, and their queue."""

    def __init__(self, engine: sa.Engine, threads: int = 1) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"middlemost-writer-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, run: Run, *, repeatable: bool = False) -> Future[Any]:
        """Queue an operation. Its future resolves when the commit that holds it is on disk, and cannot be cancelled."""
        job = Job(run, repeatable)
        job.future.set_running_or_notify_cancel()
        with self._gate:
            if self._closed:
                raise StateError("The store is closed.")
            self._queue.put(job)
        return job.future

    @abstractmethod
    def seal(self) -> None:
        """See to it that all that was logged is sealed."""

    def close(self) -> None:
        """Finish what is queued, then end the threads."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        with self._engine.connect().execution_options(writing=True) as connection:
            while (job := self._queue.get()) is not None:
                self._do(connection, job)
        self._queue.put(None)  # for the next thread to end by

    @abstractmethod
    def _do(self, connection: sa.Connection, job: Job) -> None:
        """Do the job, and whatever else is to go with it, and tell its outcome."""

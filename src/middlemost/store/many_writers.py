"""PostgreSQL: some threads write, each on a connection of its own, each operation in a transaction of its own.

Operations of one commit would hold each other's rows until all are done, and two processes would wait for one another
in a circle; and PostgreSQL lets commits that come together share one wait for the disk by itself. So here an operation
that lost a race is done again by its thread, and so is one whose connection broke before its commit was sent. Where
nobody knows whether a commit was kept, only what may be done twice is done again.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from contextlib import suppress
from itertools import count

import sqlalchemy as sa

from middlemost.errors import UnavailableError
from middlemost.store import events
from middlemost.store.trouble import in_words, is_lost, is_race
from middlemost.store.writer import Job, Outcome, Writer

log = logging.getLogger("middlemost.store")

THREADS = 6
MOST_RACES = 20
PATIENCE = 5.0  # seconds, from when it was submitted, that an operation waits for a database that is gone
SEAL_SECONDS = 1.0


class InDoubtError(UnavailableError):
    """The connection broke while the commit was on its way: it may be kept or not."""


class ManyWriters(Writer):
    """Commits one by one, in several threads; one more seals what was logged, every second."""

    def __init__(self, engine: sa.Engine) -> None:
        self._ending, self._unsealed = threading.Event(), threading.Event()
        self._sealer = threading.Thread(target=self._keep_sealing, name="middlemost-sealer", daemon=True)
        super().__init__(engine, THREADS)
        self._sealer.start()

    def close(self) -> None:
        """Finish what is queued, seal it, then end the threads."""
        super().close()
        self._ending.set()
        self._sealer.join()

    def _do(self, connection: sa.Connection, job: Job) -> None:
        for attempt in count(1):
            try:
                value = _commit(connection, job)
            except Exception as error:
                if _again(error, job, attempt):
                    continue
                Outcome(job.future, error=in_words(error)).tell()
            else:
                self._unsealed.set()
                Outcome(job.future, value).tell()
            return

    def _keep_sealing(self) -> None:
        while not self._ending.wait(SEAL_SECONDS):
            self.seal()
        self.seal()

    def seal(self) -> None:
        """Seal what was logged."""
        if self._unsealed.is_set():
            self._unsealed.clear()
            try:
                with self._engine.begin() as connection:
                    settled = events.settled(connection)
                with self._engine.begin() as connection:
                    events.seal(connection, now=time.time(), upto=settled)
            except Exception as error:  # what is not sealed now is sealed the next time
                self._unsealed.set()
                if not (is_lost(error) or is_race(error)):
                    log.exception("what was logged could not be sealed")


def _commit(connection: sa.Connection, job: Job) -> object:
    """Do the job in a transaction; what it gave, once it is on disk."""
    try:
        transaction = connection.begin()
        try:
            value = job.run(connection)
        except BaseException:
            with suppress(sa.exc.DBAPIError):
                transaction.rollback()
            raise
        _send_commit(transaction)
    except Exception as error:
        if is_lost(error) or isinstance(error, InDoubtError):
            _let_go(connection)
        raise
    return value


def _send_commit(transaction: sa.RootTransaction) -> None:
    try:
        transaction.commit()
    except Exception as error:
        if not is_lost(error):
            raise
        raise InDoubtError(
            "The database went away before it said whether this was kept.",
            mend="Look whether it is there before you do it again.",
            after=2,
        ) from error


def _let_go(connection: sa.Connection) -> None:
    """The next BEGIN makes a new connection."""
    if not connection.invalidated:
        connection.invalidate()
    if transaction := connection.get_transaction():
        transaction.close()


def _again(error: Exception, job: Job, attempt: int) -> bool:
    """Whether to try again, after the pause that is due."""
    if is_race(error) and attempt < MOST_RACES:
        time.sleep(random.random() * 0.002 * attempt)  # noqa: S311 - so that two in a race do not meet again
        return True
    gone = is_lost(error) or (isinstance(error, InDoubtError) and job.repeatable)
    if gone and time.monotonic() - job.since < PATIENCE:
        time.sleep(0.1)
        return True
    return False

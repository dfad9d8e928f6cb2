"""SQLite: one thread writes. What comes in meanwhile shares the next commit, and with it one wait for the disk."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from middlemost.store import events
from middlemost.store.trouble import in_words
from middlemost.store.writer import Job, Outcome, Writer

MOST = 256  # operations in one commit, so that under any load the first of them is not kept waiting for long


class OneWriter(Writer):
    """Commits in groups; the events of a group are sealed with it."""

    def seal(self) -> None:
        """Seal what is not, as what an upgrade logged."""
        self.submit(lambda _: None).result()

    def _do(self, connection: sa.Connection, first: Job) -> None:
        jobs, outcomes = [first], []
        try:
            with connection.begin():
                for job in jobs:  # grows while it is walked
                    outcomes.append(_attempt(connection, job))
                    jobs.extend(self._waiting(len(jobs)))
                events.seal(connection, now=time.time())
        except Exception as error:  # nothing of this commit was kept, and everybody in it has to hear so
            connection.invalidate()  # a failed COMMIT leaves its transaction open: begin on a new connection next time
            outcomes = [Outcome(job.future, error=in_words(error)) for job in jobs]
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
        # A full disk has undone the whole transaction already. Then this fails too, and everybody in it hears.
        say.execute("ROLLBACK TO operation")
        return Outcome(job.future, error=in_words(error))
    say.execute("RELEASE operation")
    return Outcome(job.future, value)

"""Work that nobody waits for. Whoever takes a job holds it for a while, and says again and again that they still do.

Who dies at it lets go of it by that, and whoever comes first begins it anew: one at a time does a job. Who was too slow
is told when they next say that they hold it: it is no longer theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from middlemost.core.canonical import canonical
from middlemost.errors import StateError, TooManyError
from middlemost.store import events
from middlemost.store.schema import job, person
from middlemost.store.sql import Row, alone, insert, is_postgres, repeatable

MOST_TRIES = 3
MOST_OPEN = 20  # jobs of one kind that wait or are worked on: whoever asks for more is to wait until some are done
KILLED = "It was begun {} times, and each time the server was stopped or killed before it was done."

# Written out in the SQL: with bound values no partial index would be used.
_OPEN = job.c.state.in_([sa.literal_column("'waiting'"), sa.literal_column("'running'")])
_EVERY = sa.select(job, person.c.pseudonym).outerjoin(person, person.c.id == job.c.asked_by)


@repeatable
def add(
    connection: sa.Connection, kind: str, settings: Mapping[str, object], key: str, *, who: int | None, now: float
) -> int:
    """Have something done; its number. The same key again gives the same number.

    StateError if the key was used for something else, TooManyError where enough of the kind is to be done already.
    """
    alone(connection, "jobs")
    text = canonical(settings)
    before = connection.execute(sa.select(job).where(job.c.key == key)).one_or_none()
    if before is not None:
        if (before.kind, before.settings, before.asked_by) != (kind, text, who):
            mend = "Make a new key for each request."
            raise StateError("This idempotency key was used for another request already.", mend=mend)
        return int(before.id)
    count = sa.select(sa.func.count()).select_from(job).where(_OPEN, job.c.kind == kind)
    if connection.execute(count).scalar_one() >= MOST_OPEN:
        raise TooManyError(f"{MOST_OPEN} of these are being made or wait for it.", after=10)
    row = {"kind": kind, "settings": text, "state": "waiting", "done": 0, "tries": 0, "key": key}
    number = insert(connection, sa.insert(job), row | {"asked_by": who, "made_at": now})
    events.note(
        connection, "asked for a job", {"job": number, "kind": kind, "settings": dict(settings)}, who=who, now=now
    )
    return number


def find(connection: sa.Connection, kind: str, number: int) -> Row | None:
    """One job of a kind with the `pseudonym` of who asked for it, None if there is none."""
    return connection.execute(_EVERY.where(job.c.id == number, job.c.kind == kind)).one_or_none()


def newest(connection: sa.Connection, kind: str, before: int | None, most: int) -> list[Row]:
    """Up to `most` jobs of a kind, newest first, all of them older than number `before`."""
    query = _EVERY.where(job.c.kind == kind, *(() if before is None else (job.c.id < before,)))
    return list(connection.execute(query.order_by(job.c.id.desc()).limit(most)))


def any_free(connection: sa.Connection, kinds: Sequence[str], *, now: float) -> bool:
    """Whether there is anything to be taken."""
    return bool(connection.execute(sa.select(sa.exists().where(_free(kinds, now)))).scalar_one())


def take(connection: sa.Connection, kinds: Sequence[str], worker: str, *, now: float, lasts: float) -> Row | None:
    """The oldest job that nobody holds: it is held for `lasts` seconds. What was begun too often has failed."""
    query = sa.select(job).where(_free(kinds, now)).order_by(job.c.id).limit(1)
    query = query.with_for_update(skip_locked=True) if is_postgres(connection) else query
    while (row := connection.execute(query).one_or_none()) is not None:
        mine = sa.update(job).where(job.c.id == row.id)
        if row.tries < MOST_TRIES:
            held = {"state": "running", "worker": worker, "leased_until": now + lasts, "tries": row.tries + 1}
            begun = {"started_at": now, "done": 0, "total": None}
            return connection.execute(mine.values(**held, **begun).returning(job)).one()
        connection.execute(mine.values(state="failed", leased_until=None, finished_at=now))
        connection.execute(mine.values(outcome=KILLED.format(row.tries)))
        _note(connection, row.id, row.kind, "failed", now)
    return None


def _free(kinds: Sequence[str], now: float) -> sa.ColumnElement[bool]:
    lapsed = sa.or_(job.c.state == "waiting", job.c.leased_until <= now)
    return sa.and_(_OPEN, lapsed, job.c.kind.in_(kinds))


@repeatable
def renew(
    connection: sa.Connection, number: int, worker: str, done: int, total: int | None, *, now: float, lasts: float
) -> bool:
    """Hold a job for `lasts` seconds more, and say how far it has come; false where it is no longer the worker's."""
    values = {"done": done, "total": total, "leased_until": now + lasts}
    return connection.execute(sa.update(job).where(_held(number, worker)).values(values)).rowcount == 1


def give_back(connection: sa.Connection, number: int, worker: str) -> None:
    """Let go of a job undone, as if it had not been begun."""
    values = {"state": "waiting", "worker": None, "leased_until": None, "done": 0, "tries": job.c.tries - 1}
    connection.execute(sa.update(job).where(_held(number, worker)).values(values))


@repeatable
def finish(
    connection: sa.Connection,
    number: int,
    worker: str,
    state: str,
    outcome: str | None = None,
    file: str | None = None,
    size: int | None = None,
    *,
    now: float,
) -> bool:
    """The job is done, or has failed; false where it is no longer the worker's: then nothing is changed."""
    values = {"state": state, "outcome": outcome, "file": file, "size": size, "finished_at": now, "leased_until": None}
    kind = connection.execute(sa.update(job).where(_held(number, worker)).values(values).returning(job.c.kind)).scalar()
    if kind is not None:
        _note(connection, number, kind, state, now)
        return True
    before = sa.and_(job.c.id == number, job.c.worker == worker, job.c.state == state, job.c.finished_at == now)
    return bool(connection.execute(sa.select(sa.exists().where(before))).scalar_one())


def _held(number: int, worker: str) -> sa.ColumnElement[bool]:
    return sa.and_(job.c.id == number, job.c.worker == worker, job.c.state == "running")


def _note(connection: sa.Connection, number: int, kind: str, state: str, now: float) -> None:
    about = {"job": number, "kind": kind, "state": state}
    events.note(connection, "finished a job", about, name=events.SERVER, now=now)


def any_ended(connection: sa.Connection, kind: str, *, before: float) -> bool:
    """Whether a job of this kind ended before that time."""
    old = sa.exists().where(job.c.kind == kind, job.c.finished_at < before)
    return bool(connection.execute(sa.select(old)).scalar_one())


def drop(connection: sa.Connection, kind: str, *, before: float, now: float) -> list[str]:
    """Forget the jobs of a kind that ended before that time; the names of their files."""
    old = sa.and_(job.c.kind == kind, job.c.finished_at < before)
    rows = connection.execute(sa.delete(job).where(old).returning(job.c.id, job.c.file)).all()
    if rows:
        about = {"jobs": sorted(row.id for row in rows), "kind": kind}
        events.note(connection, "removed jobs", about, name=events.SERVER, now=now)
    return [row.file for row in rows if row.file]


def is_open(connection: sa.Connection, number: int) -> bool:
    """Whether a job waits or is worked on."""
    return bool(connection.execute(sa.select(sa.exists().where(job.c.id == number, _OPEN))).scalar_one())

"""The audit log: who did what, when, under which guidelines and protocol; by pseudonym alone.

An event is appended in the transaction of what it tells of. A seal is the SHA-256 over the seal before and every event
since: who changes, removes, inserts or reorders a sealed event would have to change every later seal too, of which
releases and `doctor` have told others. Events are sealed in batches, in the order of their numbers: a chain from event
to event would make every writer of PostgreSQL wait for all others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from middlemost.store.schema import answer, event, guideline, person
from middlemost.store.schema import protocol as protocols
from middlemost.store.schema import seal as seals
from middlemost.store.sql import Prepared, alone

COMMAND_LINE, SERVER = "command line", "server"
FIRST = "0" * 64  # what the first seal is built upon
BATCH = 10_000  # events under one seal at most
MOST = 2**31 - 1
_DETAIL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_PARTS = json.JSONEncoder(ensure_ascii=False)
COLUMNS = ("id", "at", "actor", "did", "detail", "guideline_version", "protocol_hash")

_actor = sa.select(person.c.pseudonym).where(person.c.id == sa.bindparam("who")).scalar_subquery()
_version = sa.select(sa.func.max(guideline.c.version)).scalar_subquery()
_hash = sa.select(protocols.c.hash).order_by(protocols.c.number.desc()).limit(1).scalar_subquery()
NOTE = Prepared(
    sa.insert(event).values(
        at=sa.bindparam("now"),
        actor=sa.func.coalesce(_actor, sa.bindparam("name", type_=sa.Text)),
        did=sa.bindparam("what"),
        detail=sa.bindparam("about"),
        guideline_version=sa.func.coalesce(sa.bindparam("version", type_=sa.Integer), _version),
        protocol_hash=sa.func.coalesce(sa.bindparam("hash", type_=sa.Text), _hash),
    )
)
_LAST_SEAL = Prepared(sa.select(seals.c.number, seals.c.upto, seals.c.hash).order_by(seals.c.number.desc()).limit(1))
_LAST_EVENT = Prepared(sa.select(sa.func.max(event.c.id).label("id")))
_BETWEEN = Prepared(
    sa.select(*(event.c[name] for name in COLUMNS))
    .where(event.c.id > sa.bindparam("after"), event.c.id <= sa.bindparam("upto"))
    .order_by(event.c.id)
    .limit(sa.bindparam("most"))
)
_SEAL = Prepared(
    sa.insert(seals).values({name: sa.bindparam(f"its_{name}") for name in ("number", "upto", "events", "hash", "at")})
)


def told(
    did: str,
    about: Mapping[str, object],
    *,
    who: int | None = None,
    name: str = COMMAND_LINE,
    now: float,
    version: int | None = None,
    protocol: str | None = None,
) -> dict[str, object]:
    """What `NOTE` needs to append an event: the person `who`, or if None what is called `name`, `did` something.

    `version` of the guidelines, hash of the `protocol`: those in force where they are None.
    """
    under = {"version": version, "hash": protocol}
    return {"now": now, "who": who, "name": name, "what": did, "about": detail(about), **under}


def detail(about: Mapping[str, object]) -> str:
    """What an event says more, as it is kept."""
    return _DETAIL.encode(about)


def note(
    connection: sa.Connection,
    did: str,
    about: Mapping[str, object],
    *,
    who: int | None = None,
    name: str = COMMAND_LINE,
    now: float,
) -> None:
    """Append an event under the guidelines and the protocol in force; see `told`."""
    NOTE.run(connection, **told(did, about, who=who, name=name, now=now))


def digest(*parts: object) -> str:
    """What an event says of a value that it does not repeat: enough to see that it was changed."""
    return hashlib.sha256(_PARTS.encode(parts).encode(errors="surrogatepass")).hexdigest()


def digest_of_page(page: Mapping[str, str], key: str) -> str:
    """What an event says of a page: what is stored of it by question, and the key it was sent under."""
    return digest(sorted(page.items()), key)


def settled(connection: sa.Connection) -> int:
    """The newest event on PostgreSQL below which no other can still come in: numbers are given before commits.

    Whoever appends holds the table in a mode that excludes this one, for as long as its transaction lasts.
    """
    connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
    connection.exec_driver_sql("LOCK TABLE event IN SHARE MODE")
    return _LAST_EVENT.one(connection).id or 0


def seal(connection: sa.Connection, *, now: float, upto: int | None = None) -> None:
    """Seal what is not sealed yet, up to the event `upto` (None: the newest)."""
    alone(connection, "seal")
    last = _LAST_SEAL.one(connection)
    number, done, before = (last.number, last.upto, last.hash) if last else (0, 0, FIRST)
    newest = (_LAST_EVENT.one(connection).id or 0) if upto is None else upto
    while done < newest:
        rows = _BETWEEN.rows(connection, after=done, upto=newest, most=BATCH)
        if not rows:
            return
        number, done, before = number + 1, rows[-1].id, chained(before, rows)
        row = {"number": number, "upto": done, "events": len(rows), "hash": before, "at": now}
        _SEAL.run(connection, **{f"its_{name}": value for name, value in row.items()})


def chained(before: str, rows: list[Any]) -> str:
    """The seal over `rows`, built upon the seal `before`."""
    sealed = hashlib.sha256(before.encode())
    for row in rows:
        line = json.dumps([row.id, float(row.at), *row[2:]], ensure_ascii=False, separators=(",", ":"))
        sealed.update(b"\n" + line.encode(errors="surrogatepass"))
    return sealed.hexdigest()


@dataclass(frozen=True)
class Fault:
    """Something in the log that is not as it was written."""

    where: str
    what: str


@dataclass(frozen=True)
class Chain:
    """What a look through the log found: its numbers, its newest seal, its faults."""

    events: int
    sealed: int
    seal: str | None
    faults: tuple[Fault, ...]


def verify(connection: sa.Connection) -> Chain:
    """Look through the whole log."""
    faults: list[Fault] = []
    before, done, sealed, number = FIRST, 0, 0, 0
    for one in connection.execute(sa.select(seals).order_by(seals.c.number)):
        rows = _BETWEEN.rows(connection, after=done, upto=one.upto, most=MOST)
        faults += _judge(one, number + 1, before, rows, done)
        before, done, sealed, number = one.hash, one.upto, sealed + len(rows), one.number
    total = connection.execute(sa.select(sa.func.count()).select_from(event)).scalar_one()
    return Chain(total, sealed, before if sealed else None, (*faults, *_unlogged(connection)))


def _judge(one: Any, expected: int, before: str, rows: list[Any], after: int) -> Iterator[Fault]:
    where = f"seal {one.number} (events {after + 1} to {one.upto})"
    if one.number != expected:
        yield Fault(where, f"seal {expected} is missing before it")
    if len(rows) != one.events:
        yield Fault(where, f"it was made over {one.events} events, {len(rows)} are there")
    elif chained(before, rows) != one.hash:
        yield Fault(where, "an event under it, or the seal itself, was changed")


def _unlogged(connection: sa.Connection) -> Iterator[Fault]:
    """Answers that are not what the log says of them, since it was begun."""
    begun, logged = _logged(connection)
    for page in _pages(connection, begun):
        first = page[0]
        said = logged.pop((first.assignment, first.revision), None)
        if said is None:
            yield Fault(f"answer {first.id}", "the log does not know it")
        elif said != digest_of_page({row.question: row.value for row in page}, first.key):
            yield Fault(f"answer {first.id}", "the log says it was another")
    for assignment, revision in logged:
        yield Fault(f"revision {revision} of the answer to assignment {assignment}", "it is in the log alone")


def _logged(connection: sa.Connection) -> tuple[int, dict[tuple[int, int], str]]:
    """The newest answer from before the log was begun; the digest of every page since by assignment and revision."""
    begun, logged = 0, {}
    rows = sa.select(event.c.did, event.c.detail).where(event.c.did.in_(["began", "answered"])).order_by(event.c.id)
    for did, text in connection.execute(rows):
        about = json.loads(text)
        if did == "began":
            begun = int(about["after_answer"])
        else:
            logged[about.get("assignment"), about.get("revision")] = about.get("digest")
    return begun, logged


def _pages(connection: sa.Connection, after: int) -> Iterator[list[Any]]:
    """The rows of every page that was kept after the answer `after`."""
    columns = (answer.c.id, answer.c.assignment, answer.c.revision, answer.c.question, answer.c.value, answer.c.key)
    order = (answer.c.assignment, answer.c.revision, answer.c.id)
    given = connection.execute(sa.select(*columns).where(answer.c.id > after).order_by(*order))
    return (list(rows) for _, rows in groupby(given, lambda row: (row.assignment, row.revision, row.key)))


def knows(connection: sa.Connection, hash: str) -> bool:
    """Whether there is such a seal."""
    return bool(connection.execute(sa.select(sa.exists().where(seals.c.hash == hash))).scalar_one())


def newest_seal(connection: sa.Connection) -> str | None:
    """The hash that everything sealed so far hangs on."""
    last = _LAST_SEAL.one(connection)
    return None if last is None else str(last.hash)

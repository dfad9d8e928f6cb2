"""Pages that were given elsewhere, poured in at once: as if they had been lent and answered here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.core.earlier import EarlierPage
from middlemost.errors import StateError
from middlemost.store import events, line, people
from middlemost.store.answers import Asked
from middlemost.store.schema import answer, assignment, event, item, person
from middlemost.store.sql import alone, is_postgres, pour

LENT = ("id", "item", "rater", "round", "state", "lent_at", "expires_at", "answer", "skip_reason")
SAID = (
    "id", "assignment", "revision", "question", "value", "key", "surplus", "started_at", "submitted_at", "active_ms",
    "guideline_version", "protocol_hash", "shown_order",
)  # fmt: skip
TOLD = ("at", "actor", "did", "detail", "guideline_version", "protocol_hash")


@dataclass(frozen=True)
class Page:
    """An earlier page, and what is stored of its answers, by question."""

    given: EarlierPage
    texts: Mapping[str, str]


def pour_in(
    connection: sa.Connection, pages: Sequence[Page], seqs: Mapping[str, int], asked: Asked, *, now: float
) -> tuple[int, int]:
    """Append pages of items whose numbers are `seqs`; how many pages are new, and how many raters.

    Those that were brought in before are left out. StateError where a rater has answered an item here already.
    """
    alone(connection, "moving")
    raters, joined = _raters(connection, pages, now)
    fresh = _fresh(connection, pages, raters, seqs)
    lent = _numbers(connection, assignment, len(fresh))
    said = iter(_numbers(connection, answer, sum(len(page.texts) for page in fresh)))
    numbered = [
        (page, number, [next(said) for _ in page.texts], seqs[page.given.item], raters[page.given.rater])
        for page, number in zip(fresh, lent, strict=True)
    ]
    pour(connection, assignment, LENT, (_lent(*one, now) for one in numbered))
    pour(connection, answer, SAID, (row for one in numbered for row in _said(one[0], one[1], one[2], asked, now)))
    pour(connection, event, TOLD, (_told(page, number, asked, now) for page, number, *_ in numbered))
    if lent:
        _take_places(connection, lent[0])
    if lent and asked.rules.once_in:
        line.bar(connection, asked.rules)
    return len(fresh), joined


def _raters(connection: sa.Connection, pages: Sequence[Page], now: float) -> tuple[dict[str, int], int]:
    """The raters' numbers by the names that the pages have: pseudonyms, or names of people; who is missing joins."""
    rows = connection.execute(sa.select(person.c.id, person.c.name, person.c.pseudonym).where(person.c.role == "rater"))
    known: dict[str, int] = {}
    for number, name, pseudonym in rows:
        known |= {name: known.get(name, number), pseudonym: number}
    rounds: dict[str, int] = {}
    for page in pages:
        rounds[page.given.rater] = max(rounds.get(page.given.rater, 1), page.given.round)
    missing = [name for name in rounds if name not in known]
    for name in missing:
        known[name] = people.add(connection, name, "rater", rounds[name], now=now).id
        events.note(connection, "joined", {"moved": True, "role": "rater"}, who=known[name], now=now)
    return known, len(missing)


def _fresh(
    connection: sa.Connection, pages: Sequence[Page], raters: Mapping[str, int], seqs: Mapping[str, int]
) -> list[Page]:
    """The pages that were not brought in before."""
    own = assignment.c.rater.in_(sorted({raters[page.given.rater] for page in pages}))
    query = sa.select(assignment.c.rater, assignment.c.round, assignment.c.item, answer.c.key, assignment.c.state)
    rows = connection.execute(query.outerjoin(answer, answer.c.id == assignment.c.answer).where(own))
    there = {(rater, turn, seq): key if state == "done" else state for rater, turn, seq, key, state in rows}
    fresh = []
    for page in pages:
        given = page.given
        before = there.get((raters[given.rater], given.round, seqs[given.item]))
        if before is None:
            fresh.append(page)
        elif before != (given.key if page.texts else "skipped"):
            message = f"{given.rater} has been given item {given.item!r} here already."
            raise StateError(message, mend="Leave that answer out, or bring it in as another round.")
    return fresh


def _numbers(connection: sa.Connection, table: sa.Table, n: int) -> list[int]:
    """Numbers for `n` new rows, ascending."""
    if is_postgres(connection):
        each = f"SELECT nextval(pg_get_serial_sequence('{table.name}', 'id')) n FROM generate_series(1, {n})"  # noqa: S608 - our own name
        query = f"SELECT array_agg(n ORDER BY n) FROM ({each}) one"  # noqa: S608 - our own name
        return list(connection.exec_driver_sql(query).scalar_one() or [])
    last = connection.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()
    return list(range(last + 1, last + 1 + n))


def _lent(page: Page, number: int, said: Sequence[int], seq: int, rater: int, now: float) -> tuple[object, ...]:
    at = page.given.at if page.given.at is not None else now
    state = "done" if page.texts else "skipped"
    why = None if page.texts else page.given.skipped or ""
    return number, seq, rater, page.given.round, state, at, at, said[0] if said else None, why


def _said(page: Page, number: int, said: Sequence[int], asked: Asked, now: float) -> Iterator[tuple[object, ...]]:
    given = page.given
    at = given.at if given.at is not None else now
    took = None if given.seconds is None else min(round(given.seconds * 1000), 2**31 - 1)
    began = None if given.seconds is None or given.at is None else given.at - given.seconds
    for its, (question, value) in zip(said, page.texts.items(), strict=True):
        once = (given.key, False, began, at, took, asked.guideline_version, asked.protocol_hash)
        yield its, number, 1, question, value, *once, asked.shown_order[question]


def _told(page: Page, number: int, asked: Asked, now: float) -> tuple[object, ...]:
    about: dict[str, object] = {"assignment": number, "moved": True}
    if page.texts:
        about |= {"revision": 1, "digest": events.digest_of_page(page.texts, page.given.key)}
    did = "answered" if page.texts else "skipped"
    return now, events.COMMAND_LINE, did, events.detail(about), asked.guideline_version, asked.protocol_hash


def _take_places(connection: sa.Connection, first: int) -> None:
    """Count the new answers of the first round at their items; an item with more of them than places gets more."""
    new = (
        sa.select(assignment.c.item, sa.func.count().label("n"))
        .where(assignment.c.id >= first, assignment.c.round == 1, assignment.c.state == "done")
        .group_by(assignment.c.item)
        .subquery("new")
    )
    taken = item.c.taken + new.c.n
    more = sa.case((taken > item.c.places, taken), else_=item.c.places)
    values = {"taken": taken, "answered": item.c.answered + new.c.n, "places": more}
    connection.execute(sa.update(item).where(item.c.seq == new.c.item).values(values))

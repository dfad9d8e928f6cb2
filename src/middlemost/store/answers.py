"""Answers. They are appended, never changed: a correction is a new revision of the rater's page.

A page is what a rater said of an item to all questions at once; it is stored whole or not at all, a row a question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from middlemost.core.nouns import Assignment, Item, Kept, Receipt, Submission
from middlemost.core.protocol import Collection
from middlemost.errors import ChangedError, MissingError, StateError
from middlemost.store import choosing, events, redundancy
from middlemost.store.schema import STANDS, answer, assignment, content, gold, item, person, protocol, reading
from middlemost.store.sql import Made, Prepared, Row, hold, repeatable, together

PLAIN = Collection()


@dataclass(frozen=True)
class Asked:
    """Under what an answer was given; stored with each. `shown_order`: the options as raters see them, by question.

    `rules`: how answers are collected. `main`: the question whose votes say whether more of them are asked for.
    `in_force`: the protocol that it was judged by, where that is a later one.
    """

    guideline_version: int
    protocol_hash: str
    shown_order: Mapping[str, str]
    rules: Collection = PLAIN
    main: str | None = None
    in_force: str | None = None


_SAME_KEY = Prepared(
    sa.select(
        answer.c.id,
        answer.c.assignment,
        answer.c.question,
        answer.c.value,
        answer.c.revision,
        answer.c.surplus,
        assignment.c.rater,
    )
    .join(assignment, assignment.c.id == answer.c.assignment)
    .where(answer.c.key == sa.bindparam("key"))
    .order_by(answer.c.id)
)
_in_force = sa.select(protocol.c.hash).order_by(protocol.c.number.desc()).limit(1).scalar_subquery()
_seen = sa.select(answer.c.id).where(answer.c.key == sa.bindparam("key")).limit(1).scalar_subquery()
_FIND = Prepared(
    sa.select(
        assignment.c.item, assignment.c.rater, assignment.c.round, assignment.c.state,
        answer.c.revision, answer.c.surplus, _in_force.label("in_force"), _seen.label("seen"),
    )
    .outerjoin(answer, answer.c.id == assignment.c.answer)
    .where(assignment.c.id == sa.bindparam("id"))
    .with_for_update(of=assignment)
)  # fmt: skip
_ONCE = (
    "revision", "key", "surplus", "started_at", "submitted_at", "active_ms", "guideline_version", "protocol_hash",
)  # fmt: skip
_EACH = ("question", "value", "shown_order")
_DONE = Prepared(sa.update(assignment).where(assignment.c.id == sa.bindparam("to")).values(state="done", answer=Made()))
_HAVE = Prepared(sa.update(item).where(item.c.seq == sa.bindparam("seq")).values(answered=item.c.answered + 1))
_HAVE_LATE = Prepared(
    sa.update(item)
    .where(item.c.seq == sa.bindparam("seq"), item.c.taken < item.c.places)
    .values(
        taken=item.c.taken + 1,
        answered=item.c.answered + 1,
        returned=sa.and_(item.c.returned, item.c.taken + 1 < item.c.places),
    )
    .returning(item.c.seq)
)
_SENT = (
    sa.select(assignment.c.id.label("assignment"), assignment.c.round, assignment.c.expires_at)
    .add_columns(item.c.id, content.c.text, content.c.fields)
    .join(item, item.c.seq == assignment.c.item)
    .join(content, content.c.item == item.c.seq)
    .where(assignment.c.rater == sa.bindparam("rater"), assignment.c.answer.is_not(None))
    .order_by(assignment.c.answer.desc())
    .limit(1)
)
_SAID = (
    sa.select(answer.c.question, answer.c.value)
    .join(assignment, STANDS)
    .where(assignment.c.id == sa.bindparam("which"))
    .order_by(answer.c.id)
)
_ASKED = (
    sa.select(item.c.id, content.c.text, content.c.fields)
    .join(assignment, assignment.c.item == item.c.seq)
    .join(content, content.c.item == item.c.seq)
    .where(assignment.c.id == sa.bindparam("which"), assignment.c.rater == sa.bindparam("whose"))
)
_later = assignment.alias("later")
_SENT_BEFORE = _SENT.where(
    assignment.c.answer
    < sa.select(_later.c.answer)
    .where(_later.c.id == sa.bindparam("before"), _later.c.rater == sa.bindparam("rater"))
    .scalar_subquery()
)


@repeatable
def record(
    connection: sa.Connection, rater: int, sent: Submission, page: Mapping[str, str], asked: Asked, *, now: float
) -> Receipt:
    """Append a page, what is stored of it by question. The same key again gives the first receipt again.

    A page for a lapsed or skipped assignment takes a free place of the item if there is one, else it is kept as
    surplus. MissingError if the assignment is not this rater's; StateError if the key was used for something else;
    ChangedError if another protocol has come into force than the one the answer was judged by.
    """
    hold(connection, rater)
    row = _FIND.one(connection, id=sent.assignment, key=sent.key)
    if (row is None or row.seen) and (before := _SAME_KEY.rows(connection, key=sent.key)):
        return _repeated(before, rater, sent, page)
    if row is None or row.rater != rater:
        raise MissingError("There is no such assignment of yours.")
    _require_in_force(row.in_force, asked)
    surplus = _place(connection, row, asked.rules)
    revision = (row.revision or 0) + 1
    values = {"to": sent.assignment, "seq": row.item} | _filled(sent, page, asked, revision, surplus, now)
    # A live lease has taken its place still, even where it has lapsed and nobody has swept yet.
    also = [_HAVE] if row.state == "lent" and row.round == 1 else []
    if sent.read:
        also.append(_note_reading(len(sent.read)))
        values |= {f"section_{number}": section for number, section in enumerate(sent.read)}
    told = _told(rater, sent, page, asked, revision, now)
    number = together(connection, _append(len(page)), _DONE, *also, events.NOTE, values=values | told)
    rules = asked.rules
    if rules.more and asked.main and row.round == 1 and not surplus:
        redundancy.weigh(connection, row.item, asked.main, rules.answers_per_item, rules.more, now=now)
    return Receipt(number, _kept(surplus), revision, repeated=False)


def _require_in_force(in_force: str | None, asked: Asked) -> None:
    """The options of a protocol that is no longer in force may be gone."""
    if in_force not in {None, asked.in_force or asked.protocol_hash}:
        message = "The protocol has changed since the project was opened: this answer was not saved."
        raise ChangedError(message, mend="Open the project again.")


def _repeated(rows: list[Row], rater: int, sent: Submission, page: Mapping[str, str]) -> Receipt:
    before, said = rows[0], {row.question: row.value for row in rows}
    if (before.rater, before.assignment, said) != (rater, sent.assignment, page):
        raise StateError(
            "This idempotency key was used for another answer already.", mend="Make a new key for each answer."
        )
    return Receipt(before.id, _kept(before.surplus), before.revision, repeated=True)


def _kept(surplus: bool) -> Kept:
    return "surplus" if surplus else "counted"


def _place(connection: sa.Connection, row: Row, rules: Collection) -> bool:
    """Find the answer a place among the item's where it has none; whether there was none."""
    if row.state == "done":
        return bool(row.surplus)
    if row.round != 1 or row.state == "lent":
        return False
    if rules.quotas and not choosing.has_place(connection, row.rater, row.item, rules):
        return True
    return _HAVE_LATE.one(connection, seq=row.item) is None


@cache
def _append(rows: int) -> Prepared:
    """Append a page of so many rows, numbered in their order; the ids."""
    once: dict[str, Any] = {name: sa.bindparam(f"its_{name}") for name in _ONCE} | {"assignment": sa.bindparam("to")}
    each: list[dict[str, Any]] = [{name: sa.bindparam(f"its_{name}_{row}") for name in _EACH} for row in range(rows)]
    return Prepared(sa.insert(answer).values([once | one for one in each]).returning(answer.c.id))


@cache
def _note_reading(sections: int) -> Prepared:
    """Note so many sections of the guidelines as read before a page."""
    rows = [{"answer": Made(), "section": sa.bindparam(f"section_{number}")} for number in range(sections)]
    return Prepared(sa.insert(reading).values(rows))


def _filled(
    sent: Submission, page: Mapping[str, str], asked: Asked, revision: int, surplus: bool, now: float
) -> dict[str, object]:
    """What `_append` needs: what the page has once, and what each of its rows has."""
    once = {
        "revision": revision,
        "key": sent.key,
        "surplus": surplus,
        "started_at": sent.started_at,
        "submitted_at": now,
        "active_ms": sent.active_ms,
        "guideline_version": asked.guideline_version,
        "protocol_hash": asked.protocol_hash,
    }
    values: dict[str, object] = {f"its_{name}": value for name, value in once.items()}
    for number, (question, value) in enumerate(page.items()):
        row = {"question": question, "value": value, "shown_order": asked.shown_order[question]}
        values |= {f"its_{name}_{number}": one for name, one in row.items()}
    return values


def _told(
    rater: int, sent: Submission, page: Mapping[str, str], asked: Asked, revision: int, now: float
) -> dict[str, object]:
    digest = events.digest_of_page(page, sent.key)
    about: dict[str, object] = {"assignment": sent.assignment, "revision": revision, "digest": digest}
    about |= {"read": sent.read} if sent.read else {}
    version, protocol = asked.guideline_version, asked.protocol_hash
    return events.told("answered", about, who=rater, now=now, version=version, protocol=protocol)


def last_sent(
    connection: sa.Connection, rater: int, before: int | None = None, which: int | None = None
) -> Assignment | None:
    """The assignment that `rater` answered last, or last before they answered assignment `before`; or the one `which`.

    `given` is what is stored of the page that stands.
    """
    query, values = (_SENT, {"rater": rater}) if before is None else (_SENT_BEFORE, {"rater": rater, "before": before})
    query = query if which is None else query.where(assignment.c.id == which)
    row = connection.execute(query, values).one_or_none()
    if row is None:
        return None
    said = {one.question: one.value for one in connection.execute(_SAID, {"which": row.assignment})}
    return Assignment(row.assignment, _item(row), row.round, row.expires_at, given=said)


def item_of(connection: sa.Connection, rater: int, id: int) -> Item | None:
    """The item of assignment `id`, None if there is no such assignment of this rater's."""
    row = connection.execute(_ASKED, {"which": id, "whose": rater}).one_or_none()
    return None if row is None else _item(row)


def _item(row: Row) -> Item:
    return Item(row.id, row.text, json.loads(row.fields))


def of_item(connection: sa.Connection, seq: int) -> list[Row]:
    """Every revision of every answer to one item, by rater, round, revision and question."""
    query = (
        sa.select(person.c.pseudonym, assignment.c.round, (answer.c.id >= assignment.c.answer).label("latest"), *_GIVEN)
        .join(assignment, assignment.c.id == answer.c.assignment)
        .join(person, person.c.id == assignment.c.rater)
        .where(assignment.c.item == seq)
        .order_by(person.c.pseudonym, assignment.c.round, answer.c.id)
    )
    return list(connection.execute(query))


_GIVEN = (
    answer.c.question,
    answer.c.value,
    answer.c.revision,
    answer.c.surplus,
    answer.c.submitted_at,
    answer.c.active_ms,
    answer.c.guideline_version,
)


def latest(connection: sa.Connection, question: str) -> list[Row]:
    """(item, rater, answer, round, time, seconds) of a question's counted answers that stand, by item and rater.

    Those to control items are not among them.
    """
    query = (
        sa.select(
            item.c.id, person.c.pseudonym, answer.c.value, assignment.c.round, answer.c.submitted_at,
            sa.cast(answer.c.active_ms, sa.Double) / 1000.0,
        )
        .select_from(assignment)
        .join(answer, STANDS)
        .join(item, item.c.seq == assignment.c.item)
        .join(person, person.c.id == assignment.c.rater)
        .where(answer.c.surplus.is_(False), answer.c.question == question, assignment.c.round > 0)
        .order_by(item.c.id, person.c.pseudonym, assignment.c.round)
    )  # fmt: skip
    return list(connection.execute(query))


def every(connection: sa.Connection) -> list[Row]:
    """Every revision of every answer with all that is known of it, by item, rater, round, revision and question."""
    query = (
        sa.select(
            item.c.id.label("item"), person.c.pseudonym.label("rater"), answer.c.question,
            answer.c.value.label("answer"), assignment.c.round, answer.c.revision, answer.c.started_at,
            answer.c.submitted_at, answer.c.active_ms, answer.c.guideline_version, answer.c.protocol_hash,
            gold.c.item.is_not(None).label("is_gold"), answer.c.shown_order, answer.c.surplus,
            (answer.c.id >= assignment.c.answer).label("stands"),
        )
        .join(assignment, assignment.c.id == answer.c.assignment)
        .join(item, item.c.seq == assignment.c.item)
        .join(person, person.c.id == assignment.c.rater)
        .outerjoin(gold, gold.c.item == item.c.seq)
        .order_by(item.c.id, person.c.pseudonym, assignment.c.round, answer.c.id)
    )  # fmt: skip
    return list(connection.execute(query))


def any_given(connection: sa.Connection) -> bool:
    """Whether there is any answer at all."""
    return bool(connection.execute(sa.select(sa.exists().select_from(answer))).scalar_one())


def asked(connection: sa.Connection) -> dict[str, int]:
    """How many answers, all revisions, there are to each question."""
    query = sa.select(answer.c.question, sa.func.count()).group_by(answer.c.question)
    return {row[0]: row[1] for row in connection.execute(query)}


def said(connection: sa.Connection, question: str) -> Iterator[tuple[str, int]]:
    """The different answers to a question, all revisions, and how many said so."""
    query = sa.select(answer.c.value, sa.func.count()).where(answer.c.question == question).group_by(answer.c.value)
    return ((value, n) for value, n in connection.execute(query))

"""Lending items to raters.

- An item has `places`: as many answers as it is to have. A live lease or a counted answer takes one; there are never
  more taken than there are places, and the table refuses it as well.
- Items stand in a line (`line.py`), and a rater goes along it; `reach` remembers how far. So the next item is one step
  along an index of the items with a free place, however many items there are. Where the protocol says who may be given
  what, or mixes the line, `choosing.py` looks through the next of them.
- A place that comes back (a lapsed lease, a skip) marks its item `returned`; raters who are past it are offered it
  first. Where the protocol now wants fewer answers than when the place was taken, the place goes instead.
- A rater is given an item once a round. A lapsed item may come back to the same rater, a skipped one never.
- On PostgreSQL many transactions lend at once. Locks are taken in one order: the rater, their assignments, items. A
  rater passes over an item that another transaction is at work on, and comes back to it; whoever sweeps leaves it for
  the next to sweep; so nobody waits for anybody who waits.
- Rounds from 2 on are deliberate repeats of what the rater answered in the round before, outside the places. They
  begin when round 1 has nothing more for this rater. A set share of repeats comes in between: `repeating.py`. So do
  control items, in round 0: `controls.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from middlemost.core.nouns import Assignment, Item
from middlemost.core.protocol import Collection
from middlemost.errors import CalibratingError, MissingError, StateError
from middlemost.store import calibrating, choosing, controls, events, exercises, limits, repeating
from middlemost.store.line import START
from middlemost.store.schema import IS_DRAWN, OPEN, RETURNED, assignment, content, in_state, item, protocol, reach
from middlemost.store.sql import Prepared, Row, hold, is_postgres, repeatable, together

SWEPT = 500  # lapsed leases given back in one go
PLAIN = Collection()

_own = assignment.alias("own")
_seen = assignment.alias("seen")
_FIRST_OR_LAPSED = sa.or_(_own.c.id.is_(None), in_state("expired", _own))
_WHOLE = (item.c.seq, item.c.id, content.c.text, content.c.fields)


def _of_rater(table: sa.FromClause, round: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.rater == sa.bindparam("rater"), table.c.round == round)


_ROUND: sa.BindParameter[int] = sa.bindparam("round", type_=sa.Integer)
_REACHED = sa.select(reach.c.upto).where(_of_rater(reach, _ROUND)).scalar_subquery()
_REACH = sa.func.coalesce(_REACHED, sa.literal_column(str(START)))
_PICK = (
    sa.select(*_WHOLE, _own.c.id.label("lapsed"), item.c.line.label("upto"))
    .join(content, content.c.item == item.c.seq)
    .outerjoin(_own, sa.and_(_own.c.item == item.c.seq, _of_rater(_own, _ROUND)))
    .where(_FIRST_OR_LAPSED)
    .order_by(item.c.line)
    .limit(sa.bindparam("want"))
)
# The rater's next new item, whether or not another transaction is at work on it.
_any, _mine = item.alias("any"), assignment.alias("mine")
_FIRST = (
    sa.select(_any.c.line)
    .outerjoin(_mine, sa.and_(_mine.c.item == _any.c.seq, _of_rater(_mine, _ROUND)))
    .where(_any.c.taken < _any.c.places, _any.c.line > _REACH)
    .where(sa.or_(_mine.c.id.is_(None), in_state("expired", _mine)))
    .order_by(_any.c.line)
    .limit(1)
    .scalar_subquery()
)
_BACK = _PICK.where(RETURNED, item.c.line <= _REACH)
_NEW = _PICK.add_columns(_FIRST.label("first"), _REACHED.label("reached")).where(OPEN, item.c.line > _REACH)
PICK_RETURNED = Prepared(_BACK.with_for_update(of=item, skip_locked=True))
PICK_NEW = Prepared(_NEW.with_for_update(of=item, skip_locked=True))
WAIT_RETURNED, WAIT_NEW = Prepared(_BACK.with_for_update(of=item)), Prepared(_NEW.with_for_update(of=item))

_AGAIN = (
    sa.select(*_WHOLE, _own.c.id.label("lapsed"), _seen.c.answer.label("upto"))
    .add_columns(_seen.c.answer.label("first"), _REACHED.label("reached"))
    .select_from(_seen)
    .join(item, item.c.seq == _seen.c.item)
    .join(content, content.c.item == item.c.seq)
    .outerjoin(_own, sa.and_(_own.c.item == item.c.seq, _of_rater(_own, _ROUND)))
    .where(_of_rater(_seen, _ROUND - 1), in_state("done", _seen), _FIRST_OR_LAPSED)
    .order_by(_seen.c.answer)
    .limit(sa.bindparam("want"))
)
PICK_LAPSED_REPEAT = Prepared(_AGAIN.where(in_state("expired", _own)))
PICK_REPEAT = Prepared(_AGAIN.where(_seen.c.answer > _REACH))

_held = (
    sa.select(assignment.c.id.label("assignment"), assignment.c.round, assignment.c.expires_at, assignment.c.lent_at)
    .add_columns(*_WHOLE)
    .join(item, item.c.seq == assignment.c.item)
    .join(content, content.c.item == item.c.seq)
    .where(assignment.c.rater == sa.bindparam("rater"), in_state("lent"))
    .order_by(assignment.c.lent_at, assignment.c.id)
    .limit(sa.bindparam("want"))
    .subquery("held")
)
# A lease that runs on beyond twice its length was made while the clock was ahead: nobody had the item back for as long.
_far = sa.and_(in_state("lent"), assignment.c.expires_at > sa.bindparam("latest"))
_lapsed = sa.or_(
    sa.exists().where(in_state("lent"), assignment.c.expires_at <= sa.bindparam("now")), sa.exists().where(_far)
)
_returned = sa.exists().where(RETURNED)
_signs = sa.select(_lapsed.label("due"), _returned.label("back"), calibrating.COMES_FIRST.label("called")).subquery(
    "signs"
)
# One row for each assignment that the rater holds, one without any where there is none; whether any lease has lapsed or
# runs on too far, whether any place came back, and whether the rater has a calibration round to answer first.
LOOK = Prepared(
    sa.select(_signs, _held)
    .select_from(_signs.outerjoin(_held, sa.true()))
    .order_by(_held.c.lent_at, _held.c.assignment)
)
DUE = Prepared(
    sa.select(assignment.c.id, assignment.c.item, assignment.c.round)
    .where(in_state("lent"), assignment.c.expires_at <= sa.bindparam("now"))
    .order_by(assignment.c.expires_at)
    .limit(SWEPT)
    .join(item, item.c.seq == assignment.c.item)
    .with_for_update(skip_locked=True)
)
_HELD_BY = Prepared(
    sa.select(assignment.c.id, assignment.c.item, assignment.c.round)
    .where(assignment.c.rater == sa.bindparam("rater"), in_state("lent"))
    .with_for_update()
)
_FAR = Prepared(sa.select(assignment.c.id).where(_far).limit(SWEPT).with_for_update(skip_locked=True))
_SHORTEN = Prepared(
    sa.update(assignment).where(assignment.c.id == sa.bindparam("which")).values(expires_at=sa.bindparam("until"))
)
_RENEW = Prepared(
    sa.update(assignment)
    .where(assignment.c.rater == sa.bindparam("whose"), in_state("lent"))
    .values(expires_at=sa.bindparam("until"))
)
_LEND = Prepared(
    sa.insert(assignment)
    .values(item=sa.bindparam("which"), rater=sa.bindparam("whose"), round=sa.bindparam("turn"), state="lent")
    .values(lent_at=sa.bindparam("now"), expires_at=sa.bindparam("until"))
    .returning(assignment.c.id)
)
_LEND_AGAIN = Prepared(
    sa.update(assignment)
    .where(assignment.c.id == sa.bindparam("again"))
    .values(state="lent", lent_at=sa.bindparam("now"), expires_at=sa.bindparam("until"))
    .returning(assignment.c.id)
)
_END = Prepared(
    sa.update(assignment)
    .where(assignment.c.id == sa.bindparam("which"))
    .values(state=sa.bindparam("to"), skip_reason=sa.bindparam("why"))
)
_TAKE = Prepared(
    sa.update(item)
    .where(item.c.seq == sa.bindparam("which"))
    .values(taken=item.c.taken + 1, returned=sa.and_(item.c.returned, item.c.taken + 1 < item.c.places))
)
_DECLARED = sa.select(protocol.c.places).order_by(protocol.c.number.desc()).limit(1).scalar_subquery()
_WANTED = sa.func.coalesce(_DECLARED + item.c.extra, item.c.places)
_STAYS = sa.and_(item.c.taken - 1 < _WANTED, ~IS_DRAWN)
_LEFT = sa.case((_STAYS, _WANTED), else_=item.c.taken - 1)
_GIVE_BACK = Prepared(
    sa.update(item)
    .where(item.c.seq == sa.bindparam("which"))
    .values(
        taken=item.c.taken - 1,
        places=sa.case((item.c.places > _LEFT, _LEFT), else_=item.c.places),
        returned=sa.true(),
    )
)
_COME_TO = Prepared(
    sa.update(reach)
    .where(reach.c.rater == sa.bindparam("whose"), reach.c.round == sa.bindparam("turn"))
    .values(upto=sa.bindparam("to"))
)
_SET_OUT = Prepared(
    sa.insert(reach).values(rater=sa.bindparam("whose"), round=sa.bindparam("turn"), upto=sa.bindparam("to"))
)
_STATE = Prepared(
    sa.select(assignment.c.item, assignment.c.rater, assignment.c.round, assignment.c.state)
    .where(assignment.c.id == sa.bindparam("id"))
    .with_for_update()
)


@repeatable
def lend(
    connection: sa.Connection,
    rater: int,
    *,
    rounds: int,
    want: int,
    now: float,
    lease: float,
    rules: Collection = PLAIN,
) -> list[Assignment]:
    """What `rater` holds at `now`, oldest first, filled up to `want` with new leases of `lease` seconds.

    Asking again changes nothing, so a lost reply loses nothing. Leases past half their time are renewed.
    NotAdmittedError for a rater who has training or a test to go through first, CalibratingError for one who has a
    calibration round to answer first.
    """
    hold(connection, rater)
    if rules.qualification:
        exercises.require_admitted(connection, rater)
    want = min(want, limits.room(connection, rater, rules.limits, now))
    seen = {"rater": rater, "want": want, "now": now, "latest": now + 2 * lease}
    look = LOOK.rows(connection, **seen)
    if look[0].called:
        message = "Before the next item there is a calibration round to answer."
        raise CalibratingError(message, mend="Open the page /calibration.")
    if look[0].due:
        sweep(connection, now)
        _shorten(connection, now, lease)
        look = LOOK.rows(connection, **seen)
    held = _held_of(connection, look, rater, now, now + lease)
    lent: list[Assignment] = []
    for turn in _turns(rounds, rules):
        if (missing := want - len(held) - len(lent)) > 0:
            asked = _Asked(rater, turn, missing, back=bool(look[0].back), patient=not held + lent)
            if turn == 1 and rules.controls:
                lent += _lend_with_controls(connection, asked, rules, now, now + lease)
            else:
                picks = _picks(connection, asked, rules, rounds)
                lent += [_lend(connection, pick, rater, turn, now, now + lease) for pick in picks]
    return held + lent


def _lend_with_controls(
    connection: sa.Connection, asked: _Asked, rules: Collection, now: float, until: float
) -> list[Assignment]:
    """New items one by one, each followed by a control item where it is drawn to be."""
    lent: list[Assignment] = []
    before = controls.owed(connection, asked.rater)
    owed = bool(before)
    while len(lent) < asked.want and rules.controls:
        if owed:
            owed, found = False, controls.pick(connection, asked.rater, rules.seed)
            if found is not None:
                lent.append(_lend(connection, _Pick(found), asked.rater, controls.ROUND, now, until))
            continue
        picks = _picks(connection, replace(asked, want=1), rules, 1)
        if not picks:
            break
        lent.append(_lend(connection, picks[0], asked.rater, 1, now, until))
        owed = controls.follows(rules.controls, rules.seed, asked.rater, picks[0].row.seq)
    controls.owe(connection, asked.rater, before, owed)
    return lent


def _turns(rounds: int, rules: Collection) -> Iterable[int]:
    """The rounds in the order in which they are looked at: repeats that are due come before what is new."""
    return (2, 1) if rules.repeats and rounds == 1 else range(1, rounds + 1)


def _held_of(connection: sa.Connection, look: list[Row], rater: int, now: float, until: float) -> list[Assignment]:
    rows = [row for row in look if row.assignment is not None]
    renew = any(row.expires_at < (now + until) / 2 for row in rows)
    if renew:
        _RENEW.run(connection, whose=rater, until=until)
        events.note(connection, "renewed", {"assignments": [row.assignment for row in rows]}, who=rater, now=now)
    return [_assignment(row, row.assignment, row.round, until if renew else row.expires_at) for row in rows]


@dataclass(frozen=True)
class _Asked:
    """Who is to be given how many items of a round; whether places came back, whether to wait for what others hold."""

    rater: int
    round: int
    want: int
    back: bool
    patient: bool


@dataclass(frozen=True)
class _Pick:
    """An item to lend, and how far the rater comes with it, where that is known."""

    row: Row
    come_to: int | None = None


def _picks(connection: sa.Connection, asked: _Asked, rules: Collection, rounds: int) -> list[_Pick]:
    """Items to lend: first those that somebody gave back, then those that the rater has not come to yet."""
    rater, turn, want = asked.rater, asked.round, asked.want
    if turn > 1 and rounds == 1:
        return _due(connection, asked, rules)
    if turn > 1:
        return _pick(connection, PICK_LAPSED_REPEAT, PICK_REPEAT, rater, turn, want)
    if rules.choosy:
        found = choosing.pick(connection, rater, want, rules, back=asked.back, patient=asked.patient)
        return [_Pick(row) for row in found]
    picks = _pick(connection, PICK_RETURNED if asked.back else None, PICK_NEW, rater, turn, want)
    if not picks and asked.patient and is_postgres(connection):
        # Before we say that there is nothing: what others are at work on may stay open when they are done.
        picks = _pick(connection, WAIT_RETURNED, WAIT_NEW, rater, turn, want)
    return picks


def _due(connection: sa.Connection, asked: _Asked, rules: Collection) -> list[_Pick]:
    """The repeats of a set share that are due, those that lapsed before the others."""
    lapsed = _pick(connection, PICK_LAPSED_REPEAT, None, asked.rater, asked.round, asked.want)
    if rules.repeats is None:
        return lapsed
    due = repeating.due(connection, PICK_REPEAT, asked.rater, asked.want - len(lapsed), rules.repeats, rules.seed)
    return lapsed + [_Pick(row) for row in due]


def _pick(
    connection: sa.Connection, back: Prepared | None, new: Prepared | None, rater: int, round: int, want: int
) -> list[_Pick]:
    picks = [_Pick(row) for row in back.rows(connection, rater=rater, round=round, want=want)] if back else []
    if new and len(picks) < want:
        fresh = new.rows(connection, rater=rater, round=round, want=want - len(picks))
        # Not past an item that was left out because others are at work on it; one step for all of them.
        known = [row.upto for row in fresh if row.upto == row.first]
        picks += [_Pick(row, row.upto if row.upto == max(known, default=None) else None) for row in fresh]
    return picks


def _lend(connection: sa.Connection, pick: _Pick, rater: int, turn: int, now: float, until: float) -> Assignment:
    row = pick.row
    first, others = _LEND if row.lapsed is None else _LEND_AGAIN, [events.NOTE]
    if turn == 1:
        others.append(_TAKE)
    if pick.come_to is not None:
        others.append(_SET_OUT if row.reached is None else _COME_TO)
    told = events.told("lent", {"item": row.id, "round": turn}, who=rater, now=now)
    values = {"which": row.seq, "whose": rater, "turn": turn, "until": until, "again": row.lapsed, "to": pick.come_to}
    return _assignment(row, together(connection, first, *others, values=told | values), turn, until)


def _assignment(row: Row, id: int, round: int, until: float) -> Assignment:
    return Assignment(id, Item(row.id, row.text, json.loads(row.fields)), round, until)


@repeatable
def sweep(connection: sa.Connection, now: float) -> int:
    """Give back the places of leases that lapsed by `now`, up to `SWEPT` of them; how many there were."""
    due = DUE.rows(connection, now=now)
    for row in due:
        _end(connection, row.id, row.item, row.round, "expired")
    if due:
        events.note(connection, "lapsed", {"assignments": [row.id for row in due]}, name=events.SERVER, now=now)
    return len(due)


def return_all(connection: sa.Connection, rater: int) -> None:
    """Give back the places of everything that a rater holds."""
    for row in _HELD_BY.rows(connection, rater=rater):
        _end(connection, row.id, row.item, row.round, "expired")


def _shorten(connection: sa.Connection, now: float, lease: float) -> None:
    """Let leases that were made while the clock was ahead lapse as if they had been made at `now`."""
    far = _FAR.rows(connection, latest=now + 2 * lease)
    for row in far:
        _SHORTEN.run(connection, which=row.id, until=now + lease)
    if far:
        events.note(connection, "renewed", {"assignments": [row.id for row in far]}, name=events.SERVER, now=now)


@repeatable
def skip(connection: sa.Connection, rater: int, id: int, reason: str, *, now: float) -> None:
    """End assignment `id` without an answer; its place is free again, and this rater does not get it again."""
    hold(connection, rater)
    row = _STATE.one(connection, id=id)
    if row is None or row.rater != rater:
        raise MissingError("There is no such assignment of yours.")
    if row.state == "done":
        raise StateError("This item is answered already.", mend="Take the answer back and correct it instead.")
    if row.state == "skipped":
        return
    if row.state == "lent":
        _end(connection, id, row.item, row.round, "skipped", reason)
    else:
        _END.run(connection, which=id, to="skipped", why=reason)
    about = {"assignment": id, "digest": events.digest(reason)}
    events.note(connection, "skipped", about, who=rater, now=now)


def _end(connection: sa.Connection, id: int, seq: int, round: int, to: str, why: str | None = None) -> None:
    _END.run(connection, which=id, to=to, why=why)
    if round == 1:
        _GIVE_BACK.run(connection, which=seq)


def set_places(connection: sa.Connection, places: int, most: int | None = None) -> None:
    """Give every item `places`, and what its raters' disagreement added up to `most`; or as many as are taken already.

    Where there are more places than before, every rater starts again from the first item: those behind are open again.
    """
    room, in_line = max(0, (most or 0) - places), item.c.control.is_(False)
    connection.execute(sa.update(item).where(item.c.extra > room).values(extra=room))
    declared = sa.case((IS_DRAWN, item.c.taken), else_=places + item.c.extra)
    wanted = sa.case((item.c.taken > declared, item.c.taken), else_=declared)
    more = connection.execute(sa.select(sa.exists().where(in_line, item.c.places < declared))).scalar_one()
    connection.execute(sa.update(item).where(in_line, item.c.places != wanted).values(places=wanted))
    if more:
        connection.execute(sa.delete(reach).where(reach.c.round == 1))

"""The next items where the protocol says who may be given what, or mixes the line.

The next open items of the line are looked through a window at a time: those of a family that the rater has met, or
whose free places are for raters of other groups, are passed over for good (`reach` is past them, so each is looked at
once; a place that comes back marks its item `returned`). Of the rest the first are taken, or in a mixed line any. The
rater's assignments are theirs alone, so only the places need a lock: an item is locked, and looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from random import Random

import sqlalchemy as sa

from middlemost.core.protocol import Collection
from middlemost.store.line import ONE, START
from middlemost.store.schema import (
    OPEN,
    RETURNED,
    answer,
    assignment,
    attribute,
    barred,
    content,
    in_state,
    item,
    kin,
    reach,
)
from middlemost.store.sql import Prepared, Row, is_postgres

WINDOW = 100

_own = assignment.alias("own")
_MINE = sa.and_(_own.c.item == item.c.seq, _own.c.rater == sa.bindparam("rater"), _own.c.round == 1)
_STANDING = (item.c.seq, item.c.line, item.c.places, item.c.taken)
# What belongs to an item is looked up item by item: of a join, or of EXISTS, PostgreSQL would make a walk through all
# that the rater ever had, as long as it has not counted its tables anew.
_HAD = sa.select(_own.c.state).where(_MINE).correlate(item).scalar_subquery()
_LOOK = (
    sa.select(*_STANDING, _HAD.label("had"))
    .where(item.c.line > sa.bindparam("after"))
    .order_by(item.c.line)
    .limit(WINDOW)
)
LOOK_NEW = Prepared(_LOOK.where(OPEN))
LOOK_RETURNED = Prepared(_LOOK.where(RETURNED, item.c.line <= sa.bindparam("upto")))

_IS_BARRED = sa.and_(barred.c.rater == sa.bindparam("rater"), barred.c.family == kin.c.family)
_BARRED = sa.select(barred.c.rater).where(_IS_BARRED).correlate(kin).scalar_subquery()


def _among(column: sa.ColumnElement[int], n: int) -> sa.ColumnElement[bool]:
    """One of `n` items by number: of a stretch of the line PostgreSQL might make a walk through all items."""
    return column.in_([sa.bindparam(f"item_{number}") for number in range(n)])


@cache
def kinship(n: int) -> Prepared:
    """The families of `n` items, and whether the rater is given no more of them."""
    return Prepared(sa.select(kin.c.item, kin.c.family, _BARRED.label("met")).where(_among(kin.c.item, n)))


@cache
def parts(n: int, groups: int) -> Prepared:
    """How many places of `n` items raters of each of so many groups have taken: `n_0` and so on."""
    return Prepared(sa.select(item.c.seq, *(_part(number) for number in range(groups))).where(_among(item.c.seq, n)))


def _filled(rows: list[Row]) -> dict[str, int]:
    """What `_among` needs; a statement is made for one item and for a whole window, the last is named again."""
    wanted = [row.seq for row in rows] + [rows[-1].seq] * (WINDOW - len(rows) if len(rows) > 1 else 0)
    return {f"item_{number}": seq for number, seq in enumerate(wanted)}


def _part(number: int) -> sa.ColumnElement[int]:
    of_group = sa.exists().where(
        attribute.c.person == assignment.c.rater,
        attribute.c.name == sa.bindparam("by"),
        attribute.c.value == sa.bindparam(f"group_{number}"),
    )
    taken = sa.select(sa.func.count()).select_from(assignment).outerjoin(answer, answer.c.id == assignment.c.answer)
    counts = sa.or_(in_state("lent"), sa.and_(in_state("done"), answer.c.surplus.is_(False)))
    taken = taken.where(assignment.c.item == item.c.seq, assignment.c.round == 1, counts, of_group)
    return taken.correlate(item).scalar_subquery().label(f"n_{number}")


_LOCK = (
    sa.select(*_STANDING, item.c.id, content.c.text, content.c.fields, _own.c.id.label("lapsed"))
    .join(content, content.c.item == item.c.seq)
    .outerjoin(_own, _MINE)
    .where(item.c.seq == sa.bindparam("which"), OPEN)
)
LOCK, WAIT = Prepared(_LOCK.with_for_update(of=item, skip_locked=True)), Prepared(_LOCK.with_for_update(of=item))
_REACHED = Prepared(sa.select(reach.c.upto).where(reach.c.rater == sa.bindparam("rater"), reach.c.round == 1))
_COME_TO = Prepared(
    sa.update(reach).where(reach.c.rater == sa.bindparam("whose"), reach.c.round == 1).values(upto=sa.bindparam("to"))
)
_SET_OUT = Prepared(sa.insert(reach).values(rater=sa.bindparam("whose"), round=1, upto=sa.bindparam("to")))
_GROUP = Prepared(
    sa.select(attribute.c.value).where(
        attribute.c.person == sa.bindparam("rater"), attribute.c.name == sa.bindparam("by")
    )
)
_BAR = Prepared(sa.insert(barred).values(rater=sa.bindparam("whose"), family=sa.bindparam("its")))
_SEQ = Prepared(sa.select(*_STANDING).where(item.c.seq == sa.bindparam("which")).with_for_update())


def pick(
    connection: sa.Connection, rater: int, want: int, rules: Collection, *, back: bool, patient: bool
) -> list[Row]:
    """Up to `want` items for the rater, locked: first those that somebody gave back, then along the line."""
    search = _Search(connection, rater, rules)
    found = search.go(want, LOCK, back)
    if not found and patient and is_postgres(connection):
        # Before we say that there is nothing: what others are at work on may stay open when they are done.
        found = search.go(want, WAIT, True)
    return found


def has_place(connection: sa.Connection, rater: int, seq: int, rules: Collection) -> bool:
    """Whether one of the item's free places is for this rater; the item is locked from now on."""
    row = _SEQ.one(connection, which=seq)
    return bool(row.taken < row.places and _Search(connection, rater, rules).has_place(row))


@dataclass(eq=False)
class _Search:
    """A look along the line for one rater."""

    connection: sa.Connection
    rater: int
    rules: Collection
    met: set[str] = field(default_factory=set)

    def go(self, want: int, lock: Prepared, back: bool) -> list[Row]:
        reached = _REACHED.one(self.connection, rater=self.rater)
        upto = START if reached is None else reached.upto
        found = self._returned(want, lock, upto) if back else []
        if len(found) < want:
            fresh, come_to = self._new(want - len(found), lock, upto)
            found += fresh
            if come_to > upto:
                (_COME_TO if reached else _SET_OUT).run(self.connection, whose=self.rater, to=come_to)
        return found

    def _returned(self, want: int, lock: Prepared, upto: int) -> list[Row]:
        found: list[Row] = []
        after = START
        while len(found) < want:
            window = LOOK_RETURNED.rows(self.connection, rater=self.rater, after=after, upto=upto)
            found += self._take(self._suited(window), want - len(found), lock)
            if len(window) < WINDOW:
                break
            after = window[-1].line
        return found

    def _new(self, want: int, lock: Prepared, upto: int) -> tuple[list[Row], int]:
        """Items from the reach on, and how far it comes: up to the first that is left for later."""
        found: list[Row] = []
        after, left = upto, False
        while len(found) < want:
            window = LOOK_NEW.rows(self.connection, rater=self.rater, after=after)
            suited = self._suited(window)
            taken = self._take(self._ordered(suited), want - len(found), lock)
            found += taken
            waiting = {row.seq for row in suited} - {row.seq for row in taken}
            for row in window:
                left = left or row.seq in waiting
                upto = upto if left else row.line
            if len(window) < WINDOW:
                break
            after = window[-1].line
        return found, upto

    def _ordered(self, suited: list[Row]) -> list[Row]:
        if self.rules.order != "shuffled" or not suited:
            return suited
        # A draw of its own for each step: what lies in the window changes with each item that is given.
        state = f"{self.rules.seed} {self.rater} {len(suited)} {suited[0].seq} {suited[-1].seq}"
        return Random(state).sample(suited, len(suited))  # noqa: S311 - to be drawn again, not to be secret

    def _suited(self, window: list[Row]) -> list[Row]:
        """Those of a window that the rater may be given."""
        mine = [row for row in window if row.had in {None, "expired"}]
        if not mine:
            return []
        families, taken = self._kin(mine), self._parts(mine)
        return [
            row
            for row in mine
            if (row.had is not None or not self._met(families.get(row.seq, {})))
            and self._free(row, taken.get(row.seq, {}))
        ]

    def _take(self, rows: Iterable[Row], want: int, lock: Prepared) -> list[Row]:
        """Lock up to `want` of the rows, and leave those that have no place for the rater after all."""
        taken: list[Row] = []
        for row in rows:
            if len(taken) == want:
                break
            families = self._kin([row]).get(row.seq, {})
            if row.had is None and self._met(families):
                continue  # another of its family was taken just now
            locked = lock.one(self.connection, rater=self.rater, which=row.seq)
            if locked is not None and self.has_place(locked):
                taken.append(locked)
                self._meet(families)
        return taken

    def has_place(self, row: Row) -> bool:
        """Whether one of its free places is for this rater, as things stand now."""
        return self._free(row, self._parts([row]).get(row.seq, {}))

    def _met(self, families: dict[str, bool]) -> bool:
        return any(met or name in self.met for name, met in families.items())

    def _meet(self, families: dict[str, bool]) -> None:
        for name, met in families.items():
            if name.startswith(ONE) and not met and name not in self.met:
                _BAR.run(self.connection, whose=self.rater, its=name)
                self.met.add(name)

    def _kin(self, rows: list[Row]) -> dict[int, dict[str, bool]]:
        """By item, its families and whether the rater is given no more of them."""
        found: dict[int, dict[str, bool]] = {}
        if self.rules.once_in or self.rules.not_own:
            given = _filled(rows)
            for row in kinship(len(given)).rows(self.connection, rater=self.rater, **given):
                found.setdefault(row.item, {})[row.family] = row.met is not None
        return found

    def _parts(self, rows: list[Row]) -> dict[int, dict[str, int]]:
        """By item, how many of its places raters of each group have taken."""
        found: dict[int, dict[str, int]] = {}
        if self.rules.quotas:
            names = list(self.rules.quotas.answers)
            groups, given = {f"group_{number}": name for number, name in enumerate(names)}, _filled(rows)
            found_parts = parts(len(given), len(names))
            for row in found_parts.rows(self.connection, by=self.rules.quotas.by, **groups, **given):
                found[row.seq] = dict(zip(names, row[1:], strict=True))
        return found

    def _free(self, row: Row, parts: dict[str, int]) -> bool:
        """Whether there are more free places than are kept for raters of other groups."""
        if not self.rules.quotas:
            return True
        wanted = self.rules.quotas.answers.items()
        kept = sum(max(0, n - parts.get(group, 0)) for group, n in wanted if group != self.group)
        return bool(row.places - row.taken > kept)

    @cached_property
    def group(self) -> str | None:
        """The rater's own."""
        by = self.rules.quotas.by if self.rules.quotas else ""
        row = _GROUP.one(self.connection, rater=self.rater, by=by)
        return None if row is None else str(row.value)

"""The line that items stand in, and the families they belong to.

`item.line` orders the items, the least first; no two have the same. It is made of the priority (higher ones come
first), of how many more answers were asked for (those come after the others of their priority), of 16 random bits where
the protocol mixes the line, and of the item's number. So `next` walks one index, whatever the order is.

A family is `one:` with a field's name and value, of which a rater is given one item, or `own:`, whose author is given
none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice

import sqlalchemy as sa

from middlemost.core.canonical import canonical
from middlemost.core.nouns import Item
from middlemost.core.protocol import Collection
from middlemost.errors import InputError, MissingError, Place
from middlemost.store import events
from middlemost.store.schema import assignment, attribute, barred, content, item, kin, reach
from middlemost.store.sql import Row, alone, pour

START = -(2**62)  # before every item
LEVEL, PASS, MIXED = 2**48, 2**44, 2**28
MOST_PRIORITY = 10_000
MOST_EXTRA = 15
ONE, OWN = "one:", "own:"
CHUNK = 5_000

_EVERY = sa.select(item.c.seq, item.c.line, item.c.extra, content.c.fields).join(content, content.c.item == item.c.seq)


def drawn(*parts: object) -> float:
    """A number from 0 to below 1 that follows from the parts and looks random."""
    digest = blake2b(repr(parts).encode(errors="surrogatepass"), digest_size=7).digest()
    return int.from_bytes(digest) / 2**56


def place_of(seq: int, one: Item, rules: Collection) -> int:
    """Where an item stands at first. InputError for a priority that is none."""
    if rules.priority is None and rules.order == "added":
        return seq  # as the rest would have it
    return _place(seq, _priority(one, rules.priority), rules)


def _place(seq: int, priority: int, rules: Collection) -> int:
    mixed = int(drawn(rules.seed, "line", seq) * 2**16) * MIXED if rules.order == "shuffled" else 0
    return -priority * LEVEL + mixed + seq


def _priority(one: Item, field: str | None) -> int:
    given = one.fields.get(field) if field else None
    if given is None or given == "":
        return 0
    return require_priority(given, Place(column=field, value=str(given)))


def require_priority(given: object, place: Place) -> int:
    """A priority from what a file says. InputError if it is none."""
    try:
        priority = int(str(given))
    except ValueError:
        priority = MOST_PRIORITY + 1
    if isinstance(given, bool) or abs(priority) > MOST_PRIORITY:
        mend = f"It is a whole number from -{MOST_PRIORITY} to {MOST_PRIORITY}; higher ones come first."
        raise InputError("This is no priority.", place=place, mend=mend)
    return priority


def families(fields: Mapping[str, object], rules: Collection) -> Iterator[str]:
    """The families of an item with these fields."""
    for kind, names in ((ONE, rules.once_in), (OWN, [rules.not_own] if rules.not_own else [])):
        for name in names:
            if (value := fields.get(name)) not in (None, ""):
                yield family(kind, name, value)


def family(kind: str, name: str, value: object) -> str:
    """What a family is called."""
    said = value if isinstance(value, str) else canonical(value)
    return f"{kind}{name}={said.strip()}"


def enrol(connection: sa.Connection, numbered: Sequence[tuple[int, Item]], rules: Collection) -> None:
    """Note the families of new items."""
    if not (rules.once_in or rules.not_own):
        return
    if rows := [(seq, name) for seq, one in numbered for name in families(one.fields, rules)]:
        pour(connection, kin, ("item", "family"), rows)


def prioritise(connection: sa.Connection, priorities: Mapping[str, int], *, who: int | None, now: float) -> int:
    """Give items, by id, other priorities; how many. MissingError if one is unknown.

    Every rater looks at the line from its beginning again.
    """
    alone(connection, "protocol")
    names = list(priorities)
    for start in range(0, len(names), CHUNK):
        _prioritise(connection, {name: priorities[name] for name in names[start : start + CHUNK]})
    start_again(connection)
    about = {"items": len(priorities), "digest": events.digest(sorted(priorities.items()))}
    events.note(connection, "prioritised", about, who=who, now=now)
    return len(priorities)


def _prioritise(connection: sa.Connection, priorities: Mapping[str, int]) -> None:
    query = sa.select(item.c.id, item.c.seq, item.c.line).where(item.c.id.in_(list(priorities)))
    found = {row.id: row for row in connection.execute(query)}
    if unknown := [name for name in priorities if name not in found]:
        raise MissingError(f"There is no item {unknown[0]!r} in this project.")
    moved = [(row.seq, -priorities[row.id] * LEVEL + row.line % LEVEL) for row in found.values()]
    _move(connection, moved)


def _move(connection: sa.Connection, moved: Sequence[tuple[int, int]]) -> None:
    if moved:
        change = sa.update(item).where(item.c.seq == sa.bindparam("which")).values(line=sa.bindparam("to"))
        connection.execute(change, [{"which": seq, "to": to} for seq, to in moved])


def start_again(connection: sa.Connection, rater: int | None = None) -> None:
    """Let this rater, or all, look at the line from its beginning again."""
    whose = sa.true() if rater is None else reach.c.rater == rater
    connection.execute(sa.delete(reach).where(reach.c.round == 1, whose))


def relay(connection: sa.Connection, rules: Collection, before: Collection) -> None:
    """Put all items in line anew, where another protocol orders or relates them otherwise than `before`."""
    if _arrangement(rules) == _arrangement(before):
        return
    connection.execute(sa.delete(kin))
    rows = connection.execute(_EVERY.order_by(item.c.seq)).all()
    walk = iter(rows)
    while chunk := list(islice(walk, CHUNK)):
        items = [(row.seq, Item("", "", json.loads(row.fields))) for row in chunk]
        enrol(connection, items, rules)
        lines = [(row.seq, _again(row, one, rules, before)) for row, (_, one) in zip(chunk, items, strict=True)]
        _move(connection, [(seq, line) for row, (seq, line) in zip(chunk, lines, strict=True) if row.line != line])
    bar(connection, rules)
    start_again(connection)


def _arrangement(rules: Collection) -> tuple[object, ...]:
    return rules.order, rules.seed, rules.priority, rules.once_in, rules.not_own


def _again(row: Row, one: Item, rules: Collection, before: Collection) -> int:
    """Where an item stands under new rules. A priority that was set by hand stays, unless another field says so now."""
    same = rules.priority == before.priority
    priority = -int(row.line // LEVEL) if same else _priority(one, rules.priority)
    return _place(row.seq, priority, rules) + min(int(row.extra), MOST_EXTRA) * PASS


def bar(connection: sa.Connection, rules: Collection) -> None:
    """Work out anew which families each rater is given no more of."""
    connection.execute(sa.delete(barred))
    met = sa.select(assignment.c.rater, kin.c.family).join(kin, kin.c.item == assignment.c.item)
    met = met.where(kin.c.family.startswith(ONE, autoescape=True)).distinct()
    connection.execute(sa.insert(barred).from_select(["rater", "family"], met))
    if rules.not_own:
        own = sa.select(attribute.c.person, sa.literal(f"{OWN}{rules.not_own}=") + attribute.c.value)
        own = own.where(attribute.c.name == rules.not_own)
        connection.execute(sa.insert(barred).from_select(["rater", "family"], own))

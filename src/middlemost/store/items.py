"""Items and their gold labels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import sqlalchemy as sa

from middlemost.core.canonical import canonical
from middlemost.core.nouns import Item
from middlemost.core.protocol import Collection
from middlemost.errors import InputError, MissingError, Place
from middlemost.store import line
from middlemost.store.schema import CONTROL, content, gold, item
from middlemost.store.sql import Row, alone, pour

T = TypeVar("T")
PLAIN = Collection()
CHUNK = 5_000  # rows in one statement, below every database's limit of bound values

_NAMED = item.c.id.in_(sa.bindparam("ids", expanding=True))
_SEQS = sa.select(item.c.id, item.c.seq).where(_NAMED)
_KNOWN = (
    sa.select(item.c.id, item.c.seq, item.c.control, content.c.text, content.c.fields)
    .join(content, content.c.item == item.c.seq)
    .where(_NAMED)
)
_LAST = sa.select(sa.func.coalesce(sa.func.max(item.c.seq), 0))
_ONE = (
    sa.select(item.c.seq, item.c.id, content.c.text, content.c.fields, item.c.places, item.c.answered)
    .join(content, content.c.item == item.c.seq)
    .where(item.c.id == sa.bindparam("id"))
)


def add(
    connection: sa.Connection, items: Sequence[Item], places: int, rules: Collection = PLAIN, *, control: bool = False
) -> int:
    """Add those of `items` that are not there yet, each with room for `places` answers; the number of new ones.

    `control`: they have no places, and are mixed in. InputError if an item is there with other content or for another
    use, or has a priority that is none.
    """
    last = first = connection.execute(_LAST).scalar_one()
    for chunk in _chunks(items):
        known = {row.id: row for row in connection.execute(_KNOWN, {"ids": [one.id for one in chunk]})} if first else {}
        fresh = [one for one in chunk if not _same(one, known.get(one.id), control)]
        _insert(connection, fresh, last + 1, 0 if control else places, rules, control)
        last += len(fresh)
    return int(last - first)


def _same(one: Item, known: Row | None, control: bool) -> bool:
    if known is None:
        return False
    if known.control != control:
        message = "This item is a control item already." if known.control else "This item is in the project already."
        mend = "An item is for one use: give this one an id of its own."
        raise InputError(message, place=Place(column="id", value=one.id), mend=mend)
    if (known.text, known.fields) != (one.text, canonical(one.fields)):
        raise InputError(
            "This item is in the project already, with another text or other fields.",
            place=Place(column="id", value=one.id),
            mend="Give the changed item an id of its own: answers were given to what raters saw.",
        )
    return True


def _insert(
    connection: sa.Connection, items: Sequence[Item], first: int, places: int, rules: Collection, control: bool
) -> None:
    if not items:
        return
    rows = list(enumerate(items, first))
    stand = [(seq, one.id, places, line.place_of(seq, one, rules), control) for seq, one in rows]
    pour(connection, item, ("seq", "id", "places", "line", "control"), stand)
    texts = [(seq, one.text, canonical(one.fields)) for seq, one in rows]
    pour(connection, content, ("item", "text", "fields"), texts)
    if not control:
        line.enrol(connection, rows, rules)


def add_gold(connection: sa.Connection, labels: Mapping[str, tuple[str, str]]) -> int:
    """Set the known (label, drawn) of items by id; the number of items that had none.

    An item's earlier gold is replaced. InputError for items that are not in the project.
    """
    alone(connection, "gold")
    known = seqs(connection, list(labels))
    if unknown := [one for one in labels if one not in known]:
        more = f" (and {len(unknown) - 1} others)" if len(unknown) > 1 else ""
        raise InputError(
            f"This gold item is not among the project's items{more}.",
            place=Place(column="item", value=unknown[0]),
            mend="Add the item first, or mend its id in the gold file.",
        )
    before = connection.execute(sa.select(sa.func.count()).select_from(gold)).scalar_one()
    entry = connection.execute(sa.select(sa.func.coalesce(sa.func.max(gold.c.entry), 0) + 1)).scalar_one()
    rows = [
        {"item": known[one], "label": label, "drawn": drawn, "entry": entry} for one, (label, drawn) in labels.items()
    ]
    for chunk in _chunks(rows):
        connection.execute(sa.delete(gold).where(gold.c.item.in_([row["item"] for row in chunk])))
        connection.execute(sa.insert(gold), chunk)
    return int(connection.execute(sa.select(sa.func.count()).select_from(gold)).scalar_one() - before)


def gold_rows(connection: sa.Connection) -> list[tuple[str, str, str]]:
    """(item, label, drawn) of every gold item but control items, by item id."""
    query = sa.select(item.c.id, gold.c.label, gold.c.drawn).join(item, item.c.seq == gold.c.item)
    rows = connection.execute(query.where(item.c.control.is_(False)).order_by(item.c.id))
    return [(row.id, row.label, row.drawn) for row in rows]


def controls(connection: sa.Connection) -> list[tuple[Item, str]]:
    """Every control item with its right answer, by id."""
    query = (
        sa.select(item.c.id, content.c.text, content.c.fields, gold.c.label)
        .join(content, content.c.item == item.c.seq)
        .join(gold, gold.c.item == item.c.seq)
        .where(CONTROL)
        .order_by(item.c.id)
    )
    return [(Item(row.id, row.text, json.loads(row.fields)), row.label) for row in connection.execute(query)]


def gold_label(connection: sa.Connection, seq: int) -> str | None:
    """The known label of one item."""
    return connection.execute(sa.select(gold.c.label).where(gold.c.item == seq)).scalar()


def one(connection: sa.Connection, id: str) -> tuple[int, Item, int, int]:
    """The item `id`: its seq, itself, its places, its counted answers. MissingError if there is none."""
    row = connection.execute(_ONE, {"id": id}).one_or_none()
    if row is None:
        raise MissingError(f"There is no item {id!r} in this project.")
    return row.seq, Item(row.id, row.text, json.loads(row.fields)), row.places, row.answered


def texts(connection: sa.Connection, ids: Iterable[str]) -> dict[str, str]:
    """The texts of some items by id."""
    found: dict[str, str] = {}
    for chunk in _chunks(list(ids)):
        found |= {row.id: row.text for row in connection.execute(_KNOWN, {"ids": chunk})}
    return found


def some(connection: sa.Connection, ids: Sequence[str]) -> dict[str, Item]:
    """Those of the items `ids` that are there, by id."""
    found: dict[str, Item] = {}
    for chunk in _chunks(ids):
        rows = connection.execute(_KNOWN, {"ids": list(chunk)})
        found |= {row.id: Item(row.id, row.text, json.loads(row.fields)) for row in rows}
    return found


def every(connection: sa.Connection) -> list[Item]:
    """All items but control items, by id."""
    query = sa.select(item.c.id, content.c.text, content.c.fields).join(content, content.c.item == item.c.seq)
    query = query.where(item.c.control.is_(False))
    return [Item(row.id, row.text, json.loads(row.fields)) for row in connection.execute(query.order_by(item.c.id))]


def count(connection: sa.Connection) -> int:
    """How many items there are."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(item)).scalar_one())


def seqs(connection: sa.Connection, ids: Sequence[str]) -> dict[str, int]:
    """The numbers of those of the items `ids` that are there."""
    found: dict[str, int] = {}
    for chunk in _chunks(ids):
        found |= {row.id: row.seq for row in connection.execute(_SEQS, {"ids": list(chunk)})}
    return found


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))

"""The answers that count on their way out: a block of items at a time, so that not all of them are held at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.store.schema import STANDS, answer, assignment, gold, item, person
from middlemost.store.sql import Row, is_postgres

ITEMS = 2_000  # in a block

_PLAIN = item.c.control.is_(False)
_AMONG = sa.and_(_PLAIN, item.c.id > sa.bindparam("after"), item.c.id <= sa.bindparam("upto"))
_IDS = (
    sa.select(item.c.id)
    .where(_PLAIN, item.c.id > sa.bindparam("after"))
    .order_by(item.c.id)
    .limit(sa.bindparam("most"))
)
_COUNTED = (
    sa.select(
        item.c.id.label("item"), person.c.pseudonym.label("rater"), answer.c.question, answer.c.value.label("answer"),
        assignment.c.round, answer.c.revision, answer.c.started_at, answer.c.submitted_at, answer.c.active_ms,
        answer.c.guideline_version, answer.c.protocol_hash, gold.c.item.is_not(None).label("is_gold"),
        answer.c.shown_order, answer.c.surplus,
    )
    .select_from(item)
    .join(assignment, assignment.c.item == item.c.seq)
    .join(answer, STANDS)
    .join(person, person.c.id == assignment.c.rater)
    .outerjoin(gold, gold.c.item == item.c.seq)
    .where(_AMONG, answer.c.surplus.is_(False), assignment.c.round > 0)
    .order_by(item.c.id, person.c.pseudonym, assignment.c.round, answer.c.id)
)  # fmt: skip


@dataclass(frozen=True)
class Block:
    """The answers to the next `n` items, by item, rater, round and question: those that stand, but for surplus."""

    n: int
    rows: list[Row]


def count(connection: sa.Connection) -> int:
    """How many items go out: all but control items."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(item).where(_PLAIN)).scalar_one())


def blocks(connection: sa.Connection, size: int = ITEMS) -> Iterator[Block]:
    """All items in the order of their ids, `size` at a time; those nobody answered are counted too."""
    if is_postgres(connection):  # whose planner would read the whole table for each block, where it knows nothing of it
        for way in ("seqscan", "mergejoin", "hashjoin"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    after = ""
    while ids := connection.execute(_IDS, {"after": after, "most": size}).scalars().all():
        rows = connection.execute(_COUNTED, {"after": after, "upto": ids[-1]}).all()
        yield Block(len(ids), list(rows))
        after = ids[-1]

"""What goes out, block by block: every answer that counts, once, in order; and nothing else."""

from __future__ import annotations

import pytest

from middlemost.core.nouns import Item, Submission
from middlemost.store import answers, going_out, items, lending, people
from middlemost.store.answers import Asked
from middlemost.store.store import Store

ASKED = Asked(1, "hash", {"q": "[]", "r": "[]"})


@pytest.fixture
def worked(store: Store) -> Store:
    """Seven items, the last with answers of nobody; two raters, two questions, a correction, a control item."""
    store.write(items.add, [Item(f"i{n}", f"text {n}") for n in range(7)], 2)
    store.write(items.add, [Item("control", "text")], 2, control=True)
    store.write(items.add_gold, {"i2": ("yes", "random"), "control": ("yes", "chosen")})
    for name in ("Ada", "Bob"):
        who = store.write(people.add, name, "rater", now=1.0).id
        for one in store.write(lending.lend, who, rounds=1, want=6, now=2.0, lease=60.0):
            for said in ("no", "yes") if one.item.id == "i3" else ("no",):
                page = {"q": said, "r": "1"}
                sent = Submission(one.id, page, f"{name} {one.id} {said}")
                store.write(answers.record, who, sent, page, ASKED, now=3.0)
    return store


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_blocks_of_any_size_hold_the_same(worked: Store, size: int) -> None:
    blocks = worked.read(lambda one: list(going_out.blocks(one, size)))
    assert sum(block.n for block in blocks) == worked.read(going_out.count) == 7
    assert max(block.n for block in blocks) <= size
    rows = [tuple(row) for block in blocks for row in block.rows]
    stands = [row for row in worked.read(answers.every) if row.stands and not row.surplus and row.round > 0]
    assert rows == [tuple(row)[:-1] for row in stands]
    assert len(rows) == 2 * 2 * 6
    assert {row[3] for row in rows if row[0] == "i3" and row[2] == "q"} == {"yes"}


def test_where_nothing_is_there_is_no_block(store: Store) -> None:
    assert store.read(lambda one: list(going_out.blocks(one))) == []

"""Earlier pages on both databases: numbered on, counted, logged; work goes on after them."""

from __future__ import annotations

from middlemost.core.earlier import EarlierPage
from middlemost.core.nouns import Item
from middlemost.store import counts, events, items
from middlemost.store.moving import Page, pour_in
from middlemost.store.store import Store

from .conftest import Clock
from .test_lending import ASKED, Bench


def pages(n: int) -> list[Page]:
    return [Page(EarlierPage(f"i{item}", "Ada", {}, f"earlier-{item}"), {"q": "yes"}) for item in range(n)]


def poured(store: Store, n: int, clock: Clock) -> tuple[int, int]:
    seqs = store.read(items.seqs, [f"i{item}" for item in range(n)])
    return store.write(pour_in, pages(n), seqs, ASKED, now=clock())


def test_what_comes_after_is_numbered_on(store: Store, clock: Clock) -> None:
    b = Bench(store, clock, n_items=4, places=2, raters=1)
    b.answer(0, b.next(0)[0].id)
    assert poured(store, 3, clock) == (3, 1)
    assert b.counters("i0") == (2, 2)
    while lent := b.next(0):
        b.answer(0, lent[0].id)
    assert b.counters("i3") == (1, 1)
    assert list(store.read(lambda connection: list(counts.adrift(connection)))) == []
    found = store.read(events.verify)
    assert found.faults == ()


def test_a_hundred_at_once_come_in_once(store: Store, clock: Clock) -> None:
    store.write(items.add, [Item(f"i{n}", "text") for n in range(100)], 1)
    assert poured(store, 100, clock) == (100, 1)
    assert poured(store, 100, clock) == (0, 0)
    assert store.read(counts.of_project)["complete"] == 100

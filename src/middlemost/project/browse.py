"""`browse`: the items of a project a page at a time, by what has become of them, or by words in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from middlemost.errors import InputError, Place, did_you_mean
from middlemost.project.folder import Project
from middlemost.store.listing import STATES, State, listed

MOST = 500


@dataclass(frozen=True)
class Found:
    """An item in a list: `answered` of its `places` answers are there."""

    item: str
    text: str
    answered: int
    places: int


@dataclass(frozen=True)
class Page:
    """Some items. `after` is where the next page begins, None on the last.

    `searched`: the search went through so many items and not yet all; the next page goes on from there.
    """

    items: tuple[Found, ...]
    after: int | None
    searched: int | None


def browse(project: Project, state: str = "all", search: str = "", after: int = 0, most: int = 50) -> Page:
    """Up to `most` items in `state` past `after`, with `search` in their id or text.

    `state`: all, open, unanswered, complete, decided, flagged, gold. InputError for another one.
    """
    found = project.store.read(listed, _known(state), search.strip(), after, max(1, min(most, MOST)))
    return Page(
        tuple(Found(row.id, row.text, row.answered, row.places) for row in found.rows), found.after, found.searched
    )


def every(project: Project, state: str = "all", search: str = "") -> Iterator[Found]:
    """All of them, page after page."""
    page: Page | None = browse(project, state, search, most=MOST)
    while page is not None:
        yield from page.items
        page = None if page.after is None else browse(project, state, search, page.after, MOST)


def _known(state: str) -> State:
    for one in STATES:
        if one == state:
            return one
    mend = did_you_mean(state, STATES, otherwise="The states are: ")
    raise InputError("There is no such state of items.", place=Place(column="state", value=state), mend=mend)

"""Bringing in what was answered elsewhere: earlier answers into a project, and whole projects of other tools."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from middlemost.core import page
from middlemost.core.earlier import EarlierPage
from middlemost.core.memory import uncollected
from middlemost.core.nouns import ANY_ITEM, Item
from middlemost.errors import InputError, Place, StateError
from middlemost.files.incoming import Incoming
from middlemost.project.add import add
from middlemost.project.folder import PROTOCOL, Project
from middlemost.store import items
from middlemost.store.moving import Page, pour_in


@dataclass(frozen=True)
class Moved:
    """How many pages are new, how many were there already, and how many raters joined by them."""

    new: int
    known: int
    raters: int


@dataclass(frozen=True)
class MovedIn:
    """A project that was made of another tool's: what of it was taken over, and in `left` what was not."""

    folder: Path
    questions: tuple[str, ...]
    items: int
    answers: int
    skipped: int
    raters: int
    gold: int
    left: tuple[str, ...]


def bring_in(project: Project, pages: Iterable[EarlierPage]) -> Moved:
    """Append what raters said before, all or nothing; bringing it in again changes nothing.

    A rater is known by pseudonym or name; who is not joins, and can be invited to sign in (`invite --again r-001`).
    InputError for an item that is not there, or an answer that the protocol does not allow; StateError where a rater
    has been given the item here.
    """
    with uncollected():
        given = _once(pages)
        seqs, known = project.store.read(_items, {one.item: None for one in given}, project.protocol.looks_at_items)
        judge = _Judge(project, known)
        ready = [judge.page(one) for one in given]
        new, raters = project.store.write(pour_in, ready, seqs, project.asked, now=project.store.clock())
    return Moved(new, len(ready) - new, raters)


def move_in(folder: str | Path, theirs: Incoming, *, database: str | None = None) -> MovedIn:
    """Make a project in the new folder `folder` of another tool's project: items, questions, raters, answers, gold.

    StateError if there is a project already. Where anything is wrong the folder is as it was before.
    """
    folder = Path(folder)
    if (folder / PROTOCOL).exists():
        raise StateError(f"{folder / PROTOCOL} is there already.", mend="Name another folder.")
    made = not folder.exists()
    try:
        return _move_in(folder, theirs, database)
    except BaseException:
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            for name in (PROTOCOL, "guidelines.md"):
                (folder / name).unlink(missing_ok=True)
        raise


def _move_in(folder: Path, theirs: Incoming, database: str | None) -> MovedIn:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PROTOCOL).write_text(theirs.protocol, encoding="utf-8")
        (folder / "guidelines.md").write_text(theirs.guidelines, encoding="utf-8")
    except OSError as error:
        raise InputError(f"The folder cannot be written: {error.strerror}.", place=Place(str(folder))) from error
    with Project.open(folder, database=database) as project:
        if project.store.read(items.count):
            raise StateError("The database has items already.", mend="Name another one.")
        gold = {item: label for item, label in theirs.gold.items() if label in project.options}
        add(project, theirs.items, gold=gold or None, drawn="chosen" if gold else None)
        moved = bring_in(project, theirs.pages)
        skipped = sum(one.skipped is not None for one in theirs.pages)
        return MovedIn(
            folder=folder,
            questions=tuple(one.id for one in project.protocol.questions),
            items=len(theirs.items),
            answers=moved.new - skipped,
            skipped=skipped,
            raters=moved.raters,
            gold=len(gold),
            left=theirs.left,
        )


def _once(pages: Iterable[EarlierPage]) -> list[EarlierPage]:
    """Each rater says of an item in a round what they say once."""
    seen: dict[tuple[str, str, int], EarlierPage] = {}
    for one in pages:
        before = seen.setdefault((one.item, one.rater, one.round), one)
        if before is not one and before != one:
            message = f"{one.rater} answers item {one.item!r} twice in round {one.round}."
            raise InputError(message, mend="Give the second answer another round.")
    return list(seen.values())


class _Judge:
    """Judges pages as they would be judged if they were answered here; `known` are the items that are there, by id."""

    def __init__(self, project: Project, known: Mapping[str, Item]) -> None:
        self._questions = project.protocol.questions
        self._known = known
        self._before: dict[tuple[object, ...], Mapping[str, str]] = {}

    def page(self, one: EarlierPage) -> Page:
        if one.item not in self._known:
            place = Place(column="item", value=one.item)
            raise InputError("This item is not in the project.", place=place, mend="Add the item first.")
        if one.skipped is not None:
            return Page(one, {})
        try:
            return Page(one, self._texts(one.values, self._known[one.item]))
        except InputError as error:
            message = f"{one.rater}'s answer to item {one.item!r}: {error.message}"
            raise InputError(message, place=error.place, mend=error.mend) from None

    def _texts(self, said: Mapping[str, object], item: Item) -> Mapping[str, str]:
        """What is stored of a page. There are few labels: where the item plays no part, the same are judged once."""
        if item is not ANY_ITEM or not all(isinstance(one, str) for one in said.values()):
            return self._judged(said, item)
        key = tuple(said.items())
        if key not in self._before:
            self._before[key] = self._judged(said, item)
        return self._before[key]

    def _judged(self, said: Mapping[str, object], item: Item) -> Mapping[str, str]:
        return page.texts(self._questions, page.accept(self._questions, said, item))


def _items(connection: sa.Connection, ids: Iterable[str], whole: bool) -> tuple[dict[str, int], dict[str, Item]]:
    """The numbers of those that are there, and what is in them, by id; that is read only where it is looked at."""
    seqs = items.seqs(connection, list(ids))
    return seqs, items.some(connection, list(seqs)) if whole else dict.fromkeys(seqs, ANY_ITEM)

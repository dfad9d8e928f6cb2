"""`answer`: what a rater says of an item, to all questions at once; taking it back to correct it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace

from middlemost.core import page
from middlemost.core.nouns import ANY_ITEM, Assignment, Item, Person, Receipt, Submission
from middlemost.core.values import Value
from middlemost.errors import InputError, MissingError, Place
from middlemost.project.edition import asked_under, require_fit, under
from middlemost.project.folder import Project
from middlemost.project.next import require_rater
from middlemost.store import answers

LONGEST_KEY = 200
MOST_READ = 50  # sections of the guidelines that are noted with an answer


def answer(project: Project, person: Person, submission: Submission) -> Receipt:
    """Store a page; returns when it is on disk. The same key again gives the same receipt.

    A page for an assignment that is answered already corrects it. InputError for a value that cannot be, an answer
    that is missing or whose condition does not hold; MissingError for an assignment that is not this person's,
    StateError for a key used before for something else, ChangedError where it does not fit the protocol any more.
    """
    return answer_later(project, person, submission).result()


def answer_later(project: Project, person: Person, submission: Submission) -> Future[Receipt]:
    """The same as a future."""
    require_rater(person)
    _check(submission)
    earlier = under(project, submission.edition)  # a page is judged by what it was made under
    values = accepted(earlier, submission.value, _item(earlier, person, submission.assignment))
    if earlier is not project:
        require_fit(project, values)
    submission = replace(submission, read=_sections(earlier, submission.read)) if submission.read else submission
    said, asked = page.texts(earlier.protocol.questions, values), asked_under(project, earlier, person)
    return project.store.submit(answers.record, person.id, submission, said, asked, now=project.store.clock())


def take_back(
    project: Project, person: Person, before: int | None = None, assignment: int | None = None
) -> Assignment | None:
    """The assignment that `person` answered last, with the page in `given`; None if there is none.

    With `before`: the last that they answered before that assignment. With `assignment`: that one.

    Nothing is changed: to correct it, answer it again with a new key.
    """
    require_rater(person)
    last = project.store.read(answers.last_sent, person.id, before, assignment)
    if last is None:
        return None
    return replace(last, given=page.values(project.protocol.questions, _texts(last)))


def _texts(last: Assignment) -> dict[str, str]:
    return {question: str(text) for question, text in (last.given or {}).items()}


def accepted(project: Project, value: object, item: Item) -> dict[str, Value]:
    """The answers `value` to `item`, by question, as they are judged. InputError for what cannot be."""
    return page.accept(project.protocol.questions, _require_form(project, value), item)


def page_of(project: Project, value: object, item: Item) -> dict[str, str]:
    """What is stored of the answers `value` to `item`, by question."""
    return page.texts(project.protocol.questions, accepted(project, value, item))


def _sections(project: Project, read: Iterable[str]) -> tuple[str, ...]:
    """Those of the sections that there are, each once: what is noted beside an answer is no reason to refuse it."""
    return tuple(one for one in dict.fromkeys(read) if one in project.sections)[:MOST_READ]


def _require_form(project: Project, value: object) -> Mapping[str, object]:
    questions = project.protocol.questions
    if isinstance(value, Mapping):
        return value
    if len(questions) > 1:
        mend = 'Send all answers by question, as in {"values": {"kind": "…"}}.'
        raise InputError("This project asks several questions.", place=Place(column="value"), mend=mend)
    return {questions[0].id: value}


def _item(project: Project, person: Person, assignment: int) -> Item:
    """The item that is answered, read only where a question looks at it."""
    if not project.protocol.looks_at_items:
        return ANY_ITEM
    item = project.store.read(answers.item_of, person.id, assignment)
    if item is None:
        raise MissingError("There is no such assignment of yours.")
    return item


def _check(sent: Submission) -> None:
    if not 1 <= len(sent.key) <= LONGEST_KEY:
        mend = "Make a new one for each answer, say a random UUID."
        raise InputError(f"An idempotency key has 1 to {LONGEST_KEY} characters.", place=Place(column="key"), mend=mend)
    if sent.active_ms is not None and not 0 <= sent.active_ms < 2**31:
        raise InputError("active_ms is a number of milliseconds.", place=Place(column="active_ms"))

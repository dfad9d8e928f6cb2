"""`answer`: what a rater says of an item; taking it back to correct it."""

from __future__ import annotations

from concurrent.futures import Future

from middlemost.core.nouns import Assignment, Person, Receipt, Submission
from middlemost.errors import InputError, Place
from middlemost.files.wording import did_you_mean
from middlemost.project.folder import Project
from middlemost.project.next import require_rater
from middlemost.store import answers

LONGEST_KEY = 200


def answer(project: Project, person: Person, submission: Submission) -> Receipt:
    """Store an answer; returns when it is on disk. The same key again gives the same receipt.

    An answer to an assignment that is answered already corrects it. InputError for a value that is no option,
    MissingError for an assignment that is not this person's, StateError for a key used before for something else.
    """
    return answer_later(project, person, submission).result()


def answer_later(project: Project, person: Person, submission: Submission) -> Future[Receipt]:
    """The same as a future."""
    require_rater(person)
    _check(project, submission)
    now = project.store.clock()
    return project.store.submit(answers.record, person.id, submission, project.asked, now=now)


def take_back(project: Project, person: Person, before: int | None = None) -> Assignment | None:
    """The assignment that `person` answered last, or last before assignment `before`, with the answer in `given`.

    Nothing is changed: to correct it, answer it again with a new key.
    """
    require_rater(person)
    return project.store.read(answers.last_sent, person.id, before)


def _check(project: Project, sent: Submission) -> None:
    if sent.value not in project.options:
        mend = did_you_mean(sent.value, project.options, otherwise="The options are: ")
        raise InputError("This is none of the options.", place=Place(column="value", value=sent.value), mend=mend)
    if not 1 <= len(sent.key) <= LONGEST_KEY:
        mend = "Make a new one for each answer, say a random UUID."
        raise InputError(f"An idempotency key has 1 to {LONGEST_KEY} characters.", place=Place(column="key"), mend=mend)
    if sent.active_ms is not None and not 0 <= sent.active_ms < 2**31:
        raise InputError("active_ms is a number of milliseconds.", place=Place(column="active_ms"))

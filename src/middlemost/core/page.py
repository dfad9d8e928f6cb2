"""A page: what one rater says of one item to all questions that come up, judged as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from middlemost.core.nouns import Item
from middlemost.core.questions import Question
from middlemost.core.values import Value
from middlemost.errors import InputError, Place, did_you_mean


def accept(questions: Sequence[Question], given: Mapping[str, object], item: Item) -> dict[str, Value]:
    """The page in canonical form, in the order of the questions; None counts as not answered.

    InputError names in `place.column` the question that is unknown, answered wrongly, missing, or answered although
    its condition does not hold.
    """
    _require_known(questions, given)
    page: dict[str, Value] = {}
    for question in questions:
        said = given.get(question.id)
        if not comes_up(question, questions, page):
            if said is not None:
                message = f"The question {question.id!r} does not come up after these answers."
                raise InputError(message, place=Place(column=question.id), mend="Leave its answer out.")
        elif said is not None:
            page[question.id] = question.accept(said, item)
        elif question.required:
            message = f"The question {question.id!r} has no answer."
            raise InputError(message, place=Place(column=question.id), mend="Answer it, or skip the item.")
    if not page:
        raise InputError("No question is answered.", mend="Answer one at least, or skip the item.")
    return page


def comes_up(question: Question, questions: Sequence[Question], page: Mapping[str, Value]) -> bool:
    """Whether the condition of `question` holds after the answers in `page`."""
    if question.when is None:
        return True
    asked, said = question.when.question, page.get(question.when.question)
    if said is None:
        return False
    earlier = next(one for one in questions if one.id == asked)
    return any(earlier.says(said, code) for code in question.when.is_)


def texts(questions: Sequence[Question], page: Mapping[str, Value]) -> dict[str, str]:
    """What is stored of a page: canonical text by question."""
    return {one.id: one.kind.text(page[one.id]) for one in questions if one.id in page}


def values(questions: Sequence[Question], stored: Mapping[str, str]) -> dict[str, Value]:
    """The page back from what is stored of it."""
    return {one.id: one.kind.value(stored[one.id]) for one in questions if one.id in stored}


def _require_known(questions: Sequence[Question], given: Mapping[str, object]) -> None:
    known = [question.id for question in questions]
    for name in given:
        if name not in known:
            mend = did_you_mean(name, known, otherwise="The questions are: ")
            raise InputError("There is no such question.", place=Place(column=name, value=name), mend=mend)

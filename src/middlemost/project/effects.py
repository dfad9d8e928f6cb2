"""What a change of the protocol or the guidelines does to the answers that are there, told before it is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from middlemost.core.about import AboutRaters, at_least
from middlemost.core.protocol import Protocol
from middlemost.core.questions import Question
from middlemost.core.questions.base import texts
from middlemost.core.words import plural
from middlemost.files.protocol import Declaration, parse_protocol
from middlemost.store import about, answers, editions
from middlemost.store.schema import item


def effects(connection: sa.Connection, declared: Declaration, guidelines: str) -> tuple[str, ...]:
    """One sentence for each change that earlier answers were given without; none where nothing changes."""
    given = answers.asked(connection)
    newest = editions.current_protocol(connection)
    if newest is None:
        return ()
    before = parse_protocol(editions.protocols(connection)[newest]).protocol
    of_raters = tuple(_of_raters(connection, before.about_raters, declared.protocol.about_raters))
    if not given:
        return of_raters
    return (
        *_of_guidelines(connection, guidelines, max(given.values())),
        *_of_questions(before, declared.protocol, given),
        *_of_places(connection, before, declared.protocol),
        *of_raters,
    )


def _of_guidelines(connection: sa.Connection, text: str, n: int) -> Iterator[str]:
    version, known = editions.current_guidelines(connection) or (0, text)
    if known != text:
        yield (
            f"The guidelines become version {version + 1}: {plural(n, 'answer')} so far were given under earlier ones. "
            "Raters are shown what changed."
        )


def _of_questions(before: Protocol, now: Protocol, given: Mapping[str, int]) -> Iterator[str]:
    for question in now.questions:
        was, n = before.named(question.id), given.get(question.id, 0)
        if was is None:
            yield f"The question {question.id!r} is new: what was answered so far has no answer to it."
        elif n:
            yield from _of_question(was, question, n)


def _of_question(was: Question, now: Question, n: int) -> Iterator[str]:
    said = plural(n, "answer")
    if was.ask != now.ask:
        yield f"The question {now.id!r} reads otherwise: {said} were given to “{was.ask}”."
    old, new = texts(was.declared()), texts(now.declared())
    for name in new:
        if name not in old:
            yield f"{name!r} is a new answer to {now.id!r}: {said} were given without it."
        elif old[name] != new[name]:
            yield f"For {name!r} raters read “{new[name]}” instead of “{old[name]}”: {said} to {now.id!r} came before."
    for name in old:
        if name not in new:
            yield f"{name!r} goes from the answers to {now.id!r}; nobody has given it."
    if was.when != now.when:
        yield f"The question {now.id!r} comes up under another condition: {said} were given under the old one."


def _of_places(connection: sa.Connection, before: Protocol, now: Protocol) -> Iterator[str]:
    old, new = before.collection.answers_per_item, now.collection.answers_per_item
    if old == new:
        return
    wanted = f"Items are to have {plural(new, 'answer')} instead of {old}"
    if new > old:
        n = _number(connection, item.c.answered >= old, item.c.answered < new)
        yield f"{wanted}: {plural(n, 'item')} that had all of theirs open again."
    else:
        n = _number(connection, item.c.answered > new)
        yield f"{wanted}: {plural(n, 'item')} have more, and keep them."


def _number(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> int:
    counted = sa.select(sa.func.count()).where(item.c.control.is_(False), *which)
    return int(connection.execute(counted).scalar_one())


def _of_raters(connection: sa.Connection, before: AboutRaters | None, now: AboutRaters | None) -> Iterator[str]:
    """What becomes of what raters said of themselves."""
    if before is None or not about.any_given(connection):
        return
    if now is None:
        yield (
            "Raters are asked nothing about themselves any more: what they said is neither shown nor released, and "
            "kept until they withdraw it."
        )
        return
    if before.release != now.release:
        held = f"{_held(now)}, not {_held(before)}"
        yield f"Of what raters said of themselves releases hold {held}: {_meaning(before, now)}"
    if before.why != now.why:
        yield "Raters are told another reason for being asked about themselves: those who answered are asked anew."
    yield from _lost_groups(before, now)


def _held(asked: AboutRaters) -> str:
    return {"nothing": "nothing", "counts": "the sizes of groups", "rows": "each rater’s answers"}[asked.release]


def _meaning(before: AboutRaters, now: AboutRaters) -> str:
    if at_least(before.release, now.release):
        return "what raters agreed to covers it."
    return "who answered before did not agree to that, is left out, and is asked anew."


def _lost_groups(before: AboutRaters, now: AboutRaters) -> Iterator[str]:
    for one in before.questions:
        kept = now.named(one.id)
        gone = [group for group in one.groups if kept is None or group not in kept.groups]
        lost = "is asked no more" if kept is None else f"loses {', '.join(map(repr, gone))}"
        if gone:
            yield f"The question {one.id!r} about raters {lost}: who answered so counts as having said nothing."

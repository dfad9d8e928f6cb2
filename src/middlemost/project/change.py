"""What happens when protocol.yaml or the guidelines changed since the project was last open."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from middlemost.core.protocol import Collection, Protocol
from middlemost.core.questions import Question
from middlemost.core.values import TEXT
from middlemost.errors import InputError, Place, ProtocolError
from middlemost.files.protocol import Declaration, parse_protocol
from middlemost.store import answers, editions, lending, line, redundancy
from middlemost.store.sql import alone
from middlemost.store.store import Store


def adopt(store: Store, declared: Declaration, guidelines: str) -> int:
    """Put the protocol and the guidelines in force; the version of the guidelines. Writes only where something changed.

    ProtocolError if it takes away what answers were given to.
    """
    in_force = store.read(_in_force, declared, guidelines)
    return in_force or store.write(_adopt, declared, guidelines, store.clock())


def _in_force(connection: sa.Connection, declared: Declaration, guidelines: str) -> int | None:
    """The version of the guidelines if all is as it was."""
    _require_no_losses(connection, declared)
    version, text = editions.current_guidelines(connection) or (None, None)
    return version if editions.current_protocol(connection) == declared.hash and text == guidelines else None


def _adopt(connection: sa.Connection, declared: Declaration, guidelines: str, now: float) -> int:
    alone(connection, "protocol")
    if editions.current_protocol(connection) != declared.hash:
        _require_no_losses(connection, declared)  # again: answers may have come since
        before = _before(connection)
        places = declared.protocol.collection.answers_per_item
        editions.adopt_protocol(connection, declared.hash, declared.text, places, now=now)
        _assign(connection, declared.protocol, before.collection if before else Collection(), now)
    return editions.adopt_guidelines(connection, guidelines, now=now)


def _assign(connection: sa.Connection, protocol: Protocol, before: Collection, now: float) -> None:
    """Have the items lent as the protocol says from now on."""
    rules = protocol.collection
    more = rules.more
    lending.set_places(connection, rules.answers_per_item, more.most if more else None)
    line.relay(connection, rules, before)
    if more and protocol.main and more != before.more:
        redundancy.weigh_all(connection, protocol.main.id, rules.answers_per_item, more, now=now)


def _require_no_losses(connection: sa.Connection, declared: Declaration) -> None:
    if lost := losses(connection, declared):
        raise ProtocolError(lost)


def losses(connection: sa.Connection, declared: Declaration) -> list[InputError]:
    """How the declared protocol does not fit the answers that are there."""
    given = answers.asked(connection)
    if not given:
        return []
    before = _before(connection)
    found = _paradigm(before, declared.protocol) if before else []
    for name, n in given.items():
        question, was = declared.protocol.named(name), before.named(name) if before else None
        if question is None:
            were = "answer was" if n == 1 else "answers were"
            found.append(_loss(f"{n:,} {were} given to the question {name!r}, which is gone.", name))
        elif was is not None and was.type != question.type:
            found.append(_loss(f"The question {name!r} was of type {was.type} when it was answered.", question.type))
        else:
            found += _misfits(connection, question)
    return found


def _before(connection: sa.Connection) -> Protocol | None:
    """The protocol that was adopted last."""
    newest = editions.current_protocol(connection)
    return None if newest is None else parse_protocol(editions.protocols(connection)[newest]).protocol


def _paradigm(before: Protocol, now: Protocol) -> list[InputError]:
    if before.paradigm == now.paradigm:
        return []
    return [
        _loss(f"Answers were collected under the {before.paradigm} paradigm, which is declared once.", now.paradigm)
    ]


def _misfits(connection: sa.Connection, question: Question) -> Iterator[InputError]:
    """Answers that the question could not be given any more; a text can be anything."""
    if question.kind is TEXT:
        return
    for text, n in answers.said(connection, question.id):
        value = question.kind.value(text)
        if not question.fits(value):
            say, is_what = "answer says" if n == 1 else "answers say", "which is no option any more"
            yield _loss(f"{n:,} {say} {question.words(value)!r}, {is_what}.", text)


def _loss(message: str, value: str) -> InputError:
    mend = "Put it back, or start a new project for the new question. A label may change, an id may not."
    return InputError(message, place=Place("protocol.yaml", value=value), mend=mend)

"""What happens when protocol.yaml or the guidelines changed since the project was last open."""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.errors import InputError, Place, ProtocolError
from middlemost.files.protocol import Declaration, parse_protocol
from middlemost.store import answers, editions, lending
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
        places = declared.protocol.collection.answers_per_item
        editions.adopt_protocol(connection, declared.hash, declared.text, places, now=now)
        lending.set_places(connection, places)
    return editions.adopt_guidelines(connection, guidelines, now=now)


def _require_no_losses(connection: sa.Connection, declared: Declaration) -> None:
    if lost := losses(connection, declared):
        raise ProtocolError(lost)


def losses(connection: sa.Connection, declared: Declaration) -> list[InputError]:
    """How the declared protocol does not fit the answers that are there."""
    question = declared.protocol.question
    found = _paradigm(connection, declared) if answers.any_given(connection) else []
    for (asked, value), n in answers.strays(connection, question.id, [one.id for one in question.options]).items():
        if asked != question.id:
            were = "answer was" if n == 1 else "answers were"
            found.append(_loss(f"{n:,} {were} given to the question {asked!r}, which is gone.", asked))
        else:
            say = "answer says" if n == 1 else "answers say"
            found.append(_loss(f"{n:,} {say} {value!r}, which is no option any more.", value))
    return found


def _paradigm(connection: sa.Connection, declared: Declaration) -> list[InputError]:
    before = editions.current_protocol(connection)
    if before is None:
        return []
    was = parse_protocol(editions.protocols(connection)[before]).protocol.paradigm
    if was == declared.protocol.paradigm:
        return []
    return [
        _loss(f"Answers were collected under the {was} paradigm, which is declared once.", declared.protocol.paradigm)
    ]


def _loss(message: str, value: str) -> InputError:
    mend = "Put it back, or start a new project for the new question. A label may change, an id may not."
    return InputError(message, place=Place("protocol.yaml", value=value), mend=mend)

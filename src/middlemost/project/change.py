"""What happens when protocol.yaml or the guidelines changed since the project was last open."""

from __future__ import annotations

import sqlalchemy as sa

from middlemost.errors import InputError, Place, ProtocolError
from middlemost.files.protocol import Declaration, parse_protocol
from middlemost.store import answers, editions, lending
from middlemost.store.store import Store


def adopt(store: Store, declared: Declaration, guidelines: str) -> int:
    """Put the protocol and the guidelines in force; the version of the guidelines. Writes only where something changed.

    ProtocolError if the change takes away what answers were given to.
    """
    current = store.read(editions.current_guidelines)
    if store.read(editions.current_protocol) == declared.hash and current is not None and current[1] == guidelines:
        return current[0]
    return store.write(_adopt, declared, guidelines, store.clock())


def _adopt(connection: sa.Connection, declared: Declaration, guidelines: str, now: float) -> int:
    if editions.current_protocol(connection) != declared.hash:
        if lost := losses(connection, declared):
            raise ProtocolError(lost)
        editions.adopt_protocol(connection, declared.hash, declared.text, now=now)
        lending.set_places(connection, declared.protocol.collection.answers_per_item)
    return editions.adopt_guidelines(connection, guidelines, now=now)


def losses(connection: sa.Connection, declared: Declaration) -> list[InputError]:
    """How the declared protocol does not fit the answers that are there."""
    given = answers.values(connection)
    if not given:
        return []
    found = _paradigm(connection, declared)
    question = declared.protocol.question
    known = {option.id for option in question.options}
    for (asked, value), n in given.items():
        if asked != question.id:
            found.append(_loss(f"{n:,} answers were given to the question {asked!r}, which is gone.", asked))
        elif value not in known:
            found.append(_loss(f"{n:,} answers say {value!r}, which is no option any more.", value))
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

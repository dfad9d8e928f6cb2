"""A project is a folder: protocol.yaml, the guidelines, middlemost.db (or a PostgreSQL database, named by its URL).

The verbs stand in modules of their own beside this one, as plain functions whose first argument is the project::

    with Project.open("toxicity") as project:
        add(project, items)
        receipt = answer(project, person, submission)         # returns once the answer is on disk

They block. The three that raters wait for (next, answer, skip) have a twin with `_later` in its name that returns a
`concurrent.futures.Future` at once; what it wrote is on disk when it resolves. That is all an async caller needs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType

from middlemost.core.nouns import Person
from middlemost.core.protocol import Protocol
from middlemost.core.questions import Question
from middlemost.core.sections import sections
from middlemost.errors import InputError, MissingError, Place, ProtocolError, did_you_mean
from middlemost.files.protocol import Declaration, read_protocol
from middlemost.files.text import decode, read_bytes
from middlemost.project.change import adopt
from middlemost.project.database import Location
from middlemost.store import editions
from middlemost.store.answers import Asked
from middlemost.store.store import Store

PROTOCOL = "protocol.yaml"


@dataclass(frozen=True, eq=False)
class Project:
    """An open project: its folder, the protocol and guidelines in force, its store."""

    folder: Path
    protocol: Protocol
    protocol_hash: str
    protocol_text: str
    guidelines: str
    guideline_version: int
    store: Store

    @classmethod
    def open(
        cls, folder: str | Path, *, database: str | None = None, clock: Callable[[], float] = time.time
    ) -> Project:
        """Open the project in `folder`. The protocol and guidelines that are there now are in force from now on.

        `database` is an SQLAlchemy URL of SQLite or PostgreSQL, middlemost.db in the folder if None.
        MissingError if there is no project; ProtocolError if protocol.yaml has mistakes, or changes what answers were
        given to; StateError if the database is not one of ours.
        """
        folder = Path(folder)
        declared, guidelines = declaration(folder)
        store = Location(folder, database).open(clock)
        try:
            version = adopt(store, declared, guidelines)
        except BaseException:
            store.close()
            raise
        return cls(folder, declared.protocol, declared.hash, declared.text, guidelines, version, store)

    @property
    def name(self) -> str:
        """What raters and readers call it."""
        return self.protocol.name

    @property
    def edition(self) -> str:
        """What of it is in force: the protocol's hash and the version of the guidelines."""
        return f"{self.protocol_hash}:{self.guideline_version}"

    @cached_property
    def options(self) -> tuple[str, ...]:
        """The possible answers to the question that gold and decisions are about; none where there is no choice."""
        return self.protocol.main.shown() if self.protocol.main else ()

    @cached_property
    def sections(self) -> frozenset[str]:
        """The ids of the guidelines' sections."""
        return frozenset(one.id for one in sections(self.guidelines))

    def question(self, id: str | None = None) -> Question:
        """The question `id`, the first if None. MissingError if there is none."""
        asked = self.protocol.question if id is None else self.protocol.named(id)
        if asked is None:
            mend = did_you_mean(id or "", [one.id for one in self.protocol.questions], otherwise="The questions are: ")
            raise MissingError(f"There is no question {id!r} in this project.", mend=mend)
        return asked

    @cached_property
    def founded(self) -> int:
        """When its first protocol came into force (Unix seconds): a project made anew in the same folder is another."""
        return int(self.store.read(editions.founded) or 0)

    def questions_for(self, person: Person) -> list[Question]:
        """The questions as one rater sees them: some have their options in an order of their own for each."""
        by = f"{self.protocol.collection.seed} {person.pseudonym}"
        return [question.arranged(by) for question in self.protocol.questions]

    def asked_of(self, person: Person) -> Asked:
        """Under what a rater's answers are given now."""
        arranged = self.questions_for(person)
        if all(one is declared for one, declared in zip(arranged, self.protocol.questions, strict=True)):
            return self.asked
        return replace(self.asked, shown_order=_shown(arranged))

    @cached_property
    def asked(self) -> Asked:
        """Under what answers are given now, by those who see the options as they are declared."""
        shown = _shown(self.protocol.questions)
        main = self.protocol.main.id if self.protocol.main else None
        return Asked(self.guideline_version, self.protocol_hash, shown, self.protocol.collection, main)

    def close(self) -> None:
        """Finish writing and let go of the database."""
        self.store.close()

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _shown(questions: Sequence[Question]) -> dict[str, str]:
    return {one.id: json.dumps(one.shown(), ensure_ascii=False) for one in questions}


def declaration(folder: Path) -> tuple[Declaration, str]:
    """The protocol and the text of the guidelines in a project's folder."""
    path = folder / PROTOCOL
    if not path.is_file():
        raise MissingError(f"There is no project in {folder}: it has no {PROTOCOL}.", mend=f"middlemost init {folder}")
    declared = read_protocol(path)
    return declared, _guidelines(folder, declared.protocol.guidelines)


def _guidelines(folder: Path, name: str) -> str:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        mend = "Name a file in the project's folder."
        place = Place(str(folder / PROTOCOL), value=name)
        raise ProtocolError([InputError("`guidelines` leads out of the project's folder.", place=place, mend=mend)])
    return decode(read_bytes(path), str(path)).removeprefix("\ufeff")

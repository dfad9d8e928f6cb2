"""A project on disk: four items, three options, two answers an item."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from middlemost.core.nouns import Item, Person, Submission
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.project.people import invite, join

from ..conftest import begun

PROTOCOL = """\
name: Tone
paradigm: prescriptive
questions:
  - id: tone
    ask: How does this sound?
    options:
      - id: kind
      - id: neutral
      - id: "no"
        label: Unkind
collection:
  answers_per_item: 2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "tone"
    path.mkdir()
    (path / "protocol.yaml").write_text(PROTOCOL)
    (path / "guidelines.md").write_text("# Tone\n\nListen.\n")
    return path


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    with Project.open(begun(folder)) as opened:
        add(opened, [Item(f"i{n}", f"text {n}") for n in range(4)])
        yield opened


@pytest.fixture
def rater(project: Project) -> Callable[[str], Person]:
    return lambda name: join(project, invite(project), name).person


@pytest.fixture
def answer_all(project: Project) -> Callable[..., int]:
    """`answer_all(person, value)` answers everything that is offered; gives the number of answers."""

    def go(person: Person, *values: str) -> int:
        given = 0
        while lent := next_assignments(project, person, 1):
            value = values[given % len(values)]
            answer(project, person, Submission(lent[0].id, value, f"{person.id}-{given}", active_ms=1500))
            given += 1
        return given

    return go

"""What a change does to earlier answers is told before it is taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from middlemost.core.nouns import Person
from middlemost.project.check import check
from middlemost.project.folder import Project

from .conftest import PROTOCOL


@pytest.fixture
def answered(project: Project, rater: Callable[[str], Person], answer_all: Callable[..., int], folder: Path) -> Path:
    """The folder of a project whose four items have their two answers each."""
    for name in ("Ada", "Bob"):
        answer_all(rater(name), "kind")
    project.close()
    return folder


CHANGES = [
    (("ask: How does this sound?", "ask: How is it meant?"), "8 answers were given to “How does this sound?”"),
    (("label: Unkind", "label: Not kind"), "raters read “Not kind” instead of “Unkind”: 8 answers to"),
    (("      - id: neutral\n", "      - id: neutral\n      - id: odd\n"), "'odd' is a new answer to 'tone': 8 answers"),
    (("      - id: neutral\n", ""), "'neutral' goes from the answers to 'tone'"),
    (("answers_per_item: 2", "answers_per_item: 3"), "3 answers instead of 2: 4 items that had all of theirs open"),
    (("answers_per_item: 2", "answers_per_item: 1"), "1 answer instead of 2: 4 items have more, and keep them"),
    (("collection:", "  - {id: why, type: text, ask: 'Why?'}\ncollection:"), "The question 'why' is new"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_each_change_of_the_protocol_is_told_with_the_answers_that_it_is_about(
    answered: Path, change: tuple[str, str], said: str
) -> None:
    changed = PROTOCOL.replace(*change)
    assert changed != PROTOCOL
    (answered / "protocol.yaml").write_text(changed)
    (told,) = check(answered).changes
    assert said in told
    assert check(answered).changes == (told,), "looking takes nothing into force"
    Project.open(answered).close()
    assert check(answered).changes == ()


def test_changed_guidelines_are_told_with_their_version(answered: Path) -> None:
    assert check(answered).changes == ()
    (answered / "guidelines.md").write_text("Listen twice.\n")
    (told,) = check(answered).changes
    assert "version 2: 8 answers so far were given under earlier ones" in told


def test_a_project_without_answers_has_nothing_to_be_told(project: Project, folder: Path) -> None:
    project.close()
    (folder / "protocol.yaml").write_text(PROTOCOL.replace("Unkind", "Not kind"))
    assert check(folder).changes == ()

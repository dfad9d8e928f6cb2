"""Raters of a panel are known by their ID there; it never leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from middlemost.core.nouns import Person, Submission
from middlemost.core.panels import Arrival
from middlemost.errors import InputError, SettingError, StateError
from middlemost.project.answer import answer
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.project.panel import completion_of, invite_panel, join_panel, members
from middlemost.project.people import invite, join
from middlemost.project.release import release


def test_the_same_member_is_the_same_rater_by_any_link_of_the_panel(project: Project) -> None:
    one, other = (invite_panel(project, "prolific", uses=1, code="C1") for _ in range(2))
    first = join_panel(project, one, Arrival("p-1", "study")).person
    assert join_panel(project, one, Arrival("p-1")).person == first
    assert join_panel(project, other, Arrival("p-1")).person == first
    with pytest.raises(StateError, match="used already"):
        join_panel(project, one, Arrival("p-2"))
    assert join_panel(project, other, Arrival("p-2")).person != first, "coming again used nothing up"


def test_nobody_comes_by_a_panel_s_link_without_saying_who_they_are(project: Project) -> None:
    token = invite_panel(project, "mturk", uses=5)
    for who in (Arrival(""), Arrival("x" * 201), Arrival("x", "y" * 201)):
        with pytest.raises(InputError, match="who you are"):
            join_panel(project, token, who)
    with pytest.raises(InputError, match="panel"):
        join(project, token, "Ada")
    with pytest.raises(InputError, match="no panel"):
        join_panel(project, invite(project), Arrival("p-1"))


@pytest.mark.parametrize(("name", "code"), [("prolific", None), ("prolific", "a code!"), ("mturk", "C1")])
def test_a_link_has_the_code_that_its_panel_works_with(project: Project, name: str, code: str | None) -> None:
    with pytest.raises(SettingError, match="code"):
        invite_panel(project, name, uses=1, code=code)


def test_the_code_is_shown_once_all_is_answered_and_the_id_never_leaves(
    project: Project, rater: Callable[[str], Person], tmp_path: Path
) -> None:
    person = join_panel(project, invite_panel(project, "prolific", uses=1, code="C1"), Arrival("SECRET-ID")).person
    assert completion_of(project, person) is None
    while lent := next_assignments(project, person, 1):
        assert completion_of(project, person) is None
        answer(project, person, Submission(lent[0].id, "kind", f"{lent[0].id}"))
    shown = completion_of(project, person)
    assert shown is not None
    assert shown.code == "C1"
    assert [one.done for one in members(project)] == [True]
    assert completion_of(project, rater("Ada")) is None
    out = release(project, tmp_path / "out")
    assert all(b"SECRET-ID" not in file.read_bytes() for file in out.rglob("*") if file.is_file())

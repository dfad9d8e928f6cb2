"""A protocol that changes while raters work: everybody goes by the new one, and each answer keeps what it was under."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from middlemost.core.nouns import Item, Person, Submission
from middlemost.errors import ChangedError, InputError
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.doctor import doctor
from middlemost.project.edition import renewed
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments
from middlemost.store.answers import every

from .test_folder import edit


@pytest.fixture
def project(folder: Path, database: str) -> Iterator[Project]:
    """The same on either database."""
    with Project.open(folder, database=database) as opened:
        add(opened, [Item(f"i{n}", f"text {n}") for n in range(4)])
        yield opened


@pytest.fixture
def changed(project: Project, database: str) -> Callable[..., Project]:
    """`changed(old, new)` edits the protocol, has another process put it in force; what the first one goes by then."""

    def change(old: str, new: str) -> Project:
        edit(project.folder, old, new)
        Project.open(project.folder, database=database).close()
        return renewed(project)

    return change


def hold(project: Project, rater: Callable[[str], Person]) -> tuple[Person, int]:
    ada = rater("Ada")
    return ada, next_assignments(project, ada, 1)[0].id


def test_what_is_in_force_is_followed_and_stays_the_same_where_nothing_changed(project: Project, changed) -> None:
    assert renewed(project) is project
    now = changed("label: Unkind", "label: Rude")
    assert now.protocol.main.options[2].text == "Rude"
    assert now.protocol_hash != project.protocol_hash
    assert now.store is project.store
    assert renewed(now) is now


def test_new_guidelines_are_followed_too(project: Project, database: str) -> None:
    (project.folder / "guidelines.md").write_text("# Tone\n\nListen twice.\n")
    Project.open(project.folder, database=database).close()
    now = renewed(project)
    assert (now.guideline_version, now.guidelines) == (2, "# Tone\n\nListen twice.\n")
    assert now.protocol == project.protocol


def test_a_late_answer_keeps_the_edition_that_it_was_given_under(
    project: Project, rater, changed, database: str
) -> None:
    ada, lent = hold(project, rater)
    shown_then = project.asked.shown_order["tone"]
    now = changed("      - id: neutral\n", "      - id: neutral\n      - id: warm\n")
    answer(now, ada, Submission(lent, "kind", "key", edition=project.edition))
    (row,) = now.store.read(every)
    assert (row.protocol_hash, row.shown_order) == (project.protocol_hash, shown_then)
    another = next_assignments(now, ada, 1)[0].id
    answer(now, ada, Submission(another, "warm", "key 2", edition=now.edition))
    assert {row.protocol_hash for row in now.store.read(every)} == {project.protocol_hash, now.protocol_hash}
    assert doctor(project.folder, database=database).faults == ()


def test_a_late_answer_need_not_answer_what_it_was_not_asked(project: Project, rater, changed) -> None:
    ada, lent = hold(project, rater)
    now = changed("collection:", "  - {id: why, type: text, ask: 'Why?'}\ncollection:")
    assert answer(now, ada, Submission(lent, "kind", "key", edition=project.edition)).kept == "counted"
    another = next_assignments(now, ada, 1)[0].id
    with pytest.raises(InputError, match="'why' has no answer"):
        answer(now, ada, Submission(another, {"tone": "kind"}, "key 2", edition=now.edition))


def test_a_late_answer_that_nobody_could_give_any_more_is_refused_in_words(project: Project, rater, changed) -> None:
    ada, lent = hold(project, rater)
    now = changed("      - id: neutral\n", "")
    with pytest.raises(ChangedError, match="does not fit any more"):
        answer(now, ada, Submission(lent, "neutral", "key", edition=project.edition))
    assert answer(now, ada, Submission(lent, "kind", "key", edition=project.edition)).kept == "counted"


@pytest.mark.parametrize("edition", ["", "none", "none:1", ":", "x:99999999999999999999", "x:-1", "x:١"])
def test_an_edition_that_never_was_is_refused(project: Project, rater, edition: str) -> None:
    ada, lent = hold(project, rater)
    with pytest.raises(InputError, match="no such edition"):
        answer(project, ada, Submission(lent, "kind", "key", edition=edition))


def test_a_retry_after_a_change_is_the_same_answer(project: Project, rater, changed) -> None:
    ada, lent = hold(project, rater)
    sent = Submission(lent, "kind", "key", edition=project.edition)
    first = answer(project, ada, sent)
    again = answer(changed("label: Unkind", "label: Rude"), ada, sent)
    assert (again.answer, again.repeated) == (first.answer, True)

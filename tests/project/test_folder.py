"""A project's folder: making, checking, opening it, and changing its protocol."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from middlemost.core.nouns import Person, Submission
from middlemost.errors import ChangedError, InputError, MissingError, ProtocolError, StateError
from middlemost.project.answer import answer
from middlemost.project.check import check
from middlemost.project.folder import Project
from middlemost.project.init import init
from middlemost.project.next import next_assignments
from middlemost.project.progress import progress
from middlemost.store.answers import every, record


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "protocol.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def answer_one(project: Project, person: Person, value: str) -> None:
    answer(project, person, Submission(next_assignments(project, person, 1)[0].id, value, f"key of {person.id}"))


def given_under(project: Project) -> set[str]:
    return {row.protocol_hash for row in project.store.read(every)}


def test_a_new_project_is_in_order_and_opens(tmp_path: Path) -> None:
    folder = init(tmp_path / "hate-speech")
    checked = check(folder)
    assert (checked.protocol.name, checked.items, checked.answers) == ("Hate speech", 0, 0)
    assert any("no items" in notice for notice in checked.notices)
    with Project.open(folder) as project:
        assert project.options == ("yes", "no", "unclear")
        assert project.guideline_version == 1


@pytest.mark.parametrize("name", ['Tone: "polite" or not', "# no comment", "no", "12", "日本語", "{{x}} %s \\n"])
def test_a_projects_name_can_be_any_text(tmp_path: Path, name: str) -> None:
    assert check(init(tmp_path / "p", name)).protocol.name == name[:1].upper() + name[1:]


def test_init_never_writes_over_a_project(tmp_path: Path) -> None:
    folder = init(tmp_path / "p", "One")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(StateError, match="there already"):
        init(folder, "Two")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_without_a_project_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="middlemost init"):
        Project.open(tmp_path)


def test_check_makes_no_database(folder: Path) -> None:
    before = sorted(folder.iterdir())
    check(folder)
    assert sorted(folder.iterdir()) == before


def test_a_mistake_in_the_protocol_keeps_the_project_closed_and_its_database_unmade(folder: Path) -> None:
    edit(folder, "options:", "optoins:")
    for look in (check, Project.open):
        with pytest.raises(ProtocolError, match=r"line 6.*Did you mean options\?"):
            look(folder)
    assert not (folder / "middlemost.db").exists()


def test_guidelines_outside_the_folder_are_refused(folder: Path) -> None:
    (folder.parent / "secret.md").write_text("secret")
    edit(folder, "paradigm:", "guidelines: ../secret.md\nparadigm:")
    with pytest.raises(ProtocolError, match="out of the project's folder"):
        check(folder)


def test_missing_guidelines_are_named(folder: Path) -> None:
    (folder / "guidelines.md").unlink()
    with pytest.raises(InputError, match=r"guidelines\.md.*no such file"):
        check(folder)


def test_changed_guidelines_are_a_new_version_and_unchanged_ones_are_not(project: Project) -> None:
    folder = project.folder
    with Project.open(folder) as again:
        assert again.guideline_version == 1
    (folder / "guidelines.md").write_text("# Tone\n\nListen again.\n")
    with Project.open(folder) as changed:
        assert changed.guideline_version == 2
    with Project.open(folder) as again:
        assert again.guideline_version == 2


def test_an_option_that_has_answers_cannot_go(
    project: Project, rater: Callable[[str], Person], answer_all: Callable[..., int]
) -> None:
    answer_all(rater("Ada"), "neutral")
    edit(project.folder, "      - id: neutral\n", "")
    for look in (check, Project.open):
        with pytest.raises(ProtocolError, match="4 answers say 'neutral', which is no option any more"):
            look(project.folder)


def test_an_option_without_answers_can_go_and_a_label_can_change(
    project: Project, rater: Callable[[str], Person], answer_all: Callable[..., int]
) -> None:
    answer_all(rater("Ada"), "kind")
    edit(project.folder, "      - id: neutral\n", "")
    edit(project.folder, "label: Unkind", "label: Rude")
    with Project.open(project.folder) as changed:
        assert changed.options == ("kind", "no")
        answer_one(changed, rater("Bo"), "kind")
        assert given_under(changed) == {project.protocol_hash, changed.protocol_hash}


def test_an_open_project_takes_no_answers_once_another_protocol_is_in_force(
    project: Project, rater: Callable[[str], Person]
) -> None:
    ada = rater("Ada")
    edit(project.folder, "      - id: neutral\n", "")
    with Project.open(project.folder) as changed:
        with pytest.raises(ChangedError, match=r"protocol has changed.*Open the project again"):
            answer_one(project, ada, "neutral")
        answer_one(changed, ada, "kind")


def test_lost_options_are_seen_even_where_the_protocol_is_in_force_already(
    project: Project, rater: Callable[[str], Person]
) -> None:
    ada = rater("Ada")
    lent = next_assignments(project, ada, 1)[0]
    stray = Submission(lent.id, "gone", "key")
    project.store.write(record, ada.id, stray, {"tone": "gone"}, project.asked, now=0.0)
    with pytest.raises(ProtocolError, match="1 answer says 'gone', which is no option any more"):
        Project.open(project.folder)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [("id: tone", "id: mood", "question 'tone'"), ("prescriptive", "descriptive", "declared once")],
)
def test_the_question_and_the_paradigm_stay_once_there_are_answers(
    project: Project,
    rater: Callable[[str], Person],
    answer_all: Callable[..., int],
    old: str,
    new: str,
    says: str,
) -> None:
    edit(project.folder, old, new)
    with Project.open(project.folder):
        pass
    edit(project.folder, new, old)
    with Project.open(project.folder):
        pass
    answer_all(rater("Ada"), "kind")
    edit(project.folder, old, new)
    with pytest.raises(ProtocolError, match=says):
        Project.open(project.folder)


def test_more_answers_per_item_open_the_items_again(project: Project) -> None:
    edit(project.folder, "answers_per_item: 2", "answers_per_item: 5")
    with Project.open(project.folder) as changed:
        assert progress(changed).wanted == 20

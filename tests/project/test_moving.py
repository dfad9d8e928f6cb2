"""What was answered elsewhere comes in whole, once, and is treated as what was answered here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

from middlemost.core.earlier import EarlierPage
from middlemost.core.nouns import Item
from middlemost.errors import InputError, StateError
from middlemost.files.earlier import read_earlier
from middlemost.files.label_studio_project import read_project
from middlemost.project.add import add
from middlemost.project.collected import collected
from middlemost.project.conclude import labels
from middlemost.project.doctor import doctor
from middlemost.project.folder import Project
from middlemost.project.moving import bring_in, move_in
from middlemost.project.next import next_assignments
from middlemost.project.own import own_answers
from middlemost.project.people import invite, join, people
from middlemost.store import counts


def page(item: str, rater: str, value: str, **more: object) -> EarlierPage:
    return EarlierPage(item, rater, {"tone": value}, f"{item}-{rater}-{more.get('round', 1)}", **more)  # type: ignore[arg-type]


def faults(project: Project) -> tuple[str, ...]:
    return (*doctor(project.folder).faults, *project.store.read(lambda connection: tuple(counts.adrift(connection))))


def test_earlier_answers_count_take_their_places_and_are_in_the_audit_log(project: Project) -> None:
    pages = [page("i0", "Ada", "kind", at=1e9, seconds=3.5), page("i0", "Bob", "no"), page("i1", "Ada", "neutral")]
    moved = bring_in(project, pages)
    assert (moved.new, moved.known, moved.raters) == (3, 0, 2)
    found = collected(project)
    assert found is not None
    assert sorted(zip(found.item.tolist(), found.answer.tolist(), strict=True)) == [(0, 0), (0, 2), (1, 1)]
    assert faults(project) == ()
    assert project.store.read(counts.of_project)["complete"] == 1


def test_bringing_them_in_again_changes_nothing(project: Project) -> None:
    pages = [page("i0", "Ada", "kind"), EarlierPage("i1", "Ada", {}, "s", skipped="no idea")]
    bring_in(project, pages)
    again = bring_in(project, pages)
    assert (again.new, again.known, again.raters) == (0, 2, 0)
    assert faults(project) == ()


def test_who_answered_before_goes_on_where_they_were(project: Project) -> None:
    bring_in(project, [page("i0", "Ada", "kind"), page("i1", "Ada", "no")])
    ada = next(one for one in people(project) if one.name == "Ada")
    again = join(project, invite(project, person=ada)).person
    assert again.pseudonym == "r-001"
    assert [lent.item.id for lent in next_assignments(project, again, 5)] == ["i2", "i3"]


def test_more_answers_than_places_make_places(project: Project) -> None:
    bring_in(project, [page("i0", name, "kind") for name in ("Ada", "Bob", "Cid", "Dot")])
    assert faults(project) == ()
    assert labels(project).filter(pl.col("item") == "i0")["n_answers"].to_list() == [4]


def test_repeats_are_rounds_outside_the_places(project: Project) -> None:
    bring_in(project, [page("i0", "Ada", "kind"), page("i0", "Ada", "no", round=2)])
    assert project.store.read(counts.of_project)["answers"] == 1
    assert faults(project) == ()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (page("i9", "Ada", "kind"), "not in the project"),
        (page("i0", "Ada", "rude"), "Ada's answer to item 'i0': This is none of the options"),
    ],
)
def test_one_mistake_and_nothing_comes_in(project: Project, wrong: EarlierPage, words: str) -> None:
    with pytest.raises(InputError, match=words):
        bring_in(project, [page("i1", "Ada", "kind"), wrong])
    assert collected(project) is None
    assert people(project) == ()


def test_what_was_answered_here_is_not_answered_again(project: Project) -> None:
    bring_in(project, [page("i0", "Ada", "kind")])
    other = EarlierPage("i0", "Ada", {"tone": "no"}, "another key")
    with pytest.raises(StateError, match="Ada has been given item 'i0' here already"):
        bring_in(project, [other])


def test_a_long_table_is_read_with_its_times(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("task,worker,label,time,seconds\ni0,Ada,kind,2026-11-24T09:30:00Z,2.5\ni1,Ada,no,1e9,\n")
    pages = read_earlier(file, project.protocol.questions)
    assert [(one.item, one.rater, one.values, one.at, one.seconds) for one in pages] == [
        ("i0", "Ada", {"tone": "kind"}, 1795512600.0, 2.5),
        ("i1", "Ada", {"tone": "no"}, 1e9, None),
    ]


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("item,rater,answer,question\ni0,Ada,kind,mood\n", "no such question", 2),
        ("item,rater,answer,time\ni0,Ada,kind,2026-11-24\ni1,Ada,kind,soon\n", "no time", 3),
    ],
)
def test_a_mistake_in_the_table_is_told_with_its_line(
    project: Project, tmp_path: Path, text: str, words: str, line: int
) -> None:
    file = tmp_path / "answers.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read_earlier(file, project.protocol.questions)
    assert caught.value.place is not None
    assert caught.value.place.line == line


def export(folder: Path) -> Path:
    def note(number: int, who: int, tone: str) -> dict[str, object]:
        said = {"from_name": "tone", "to_name": "text", "type": "choices", "value": {"choices": [tone]}}
        return {"id": number, "completed_by": who, "result": [said], "ground_truth": number == 1}

    tasks = [
        {"id": n, "data": {"text": f"text {n}"}, "annotations": [note(2 * n, 1, "kind"), note(2 * n + 1, 2, "no")]}
        for n in range(3)
    ]
    file = folder / "export.json"
    file.write_text(json.dumps(tasks))
    return file


def test_a_label_studio_project_becomes_one_here(tmp_path: Path) -> None:
    moved = move_in(tmp_path / "new", read_project(export(tmp_path)))
    assert (moved.items, moved.answers, moved.raters, moved.gold, moved.left) == (3, 6, 2, 1, ())
    with Project.open(tmp_path / "new") as project:
        assert project.protocol.collection.answers_per_item == 2
        assert [one.name for one in people(project)] == ["Label Studio 1", "Label Studio 2"]
        assert len(labels(project)) == 3
        assert faults(project) == ()


def test_a_move_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    file = export(tmp_path)
    theirs = read_project(file)
    broken = theirs.__class__(**vars(theirs) | {"pages": (page("0", "Ada", "kind"), page("none", "Ada", "kind"))})
    with pytest.raises(InputError, match="not in the project"):
        move_in(tmp_path / "new", broken)
    assert not (tmp_path / "new").exists()


def test_a_project_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    theirs = read_project(export(tmp_path))
    move_in(tmp_path / "new", theirs)
    before = (tmp_path / "new" / "protocol.yaml").read_text()
    with pytest.raises(StateError, match=re.escape("protocol.yaml is there already")):
        move_in(tmp_path / "new", theirs)
    assert (tmp_path / "new" / "protocol.yaml").read_text() == before


TWO = """\
name: Two
paradigm: prescriptive
questions:
  - {id: tone, ask: "Which tone?", options: [{id: a}, {id: b}]}
  - {id: mood, ask: "Which mood?", options: [{id: a}, {id: c}]}
"""


def test_the_same_words_to_another_question_are_another_answer(tmp_path: Path) -> None:
    (tmp_path / "protocol.yaml").write_text(TWO)
    (tmp_path / "guidelines.md").write_text("Listen.\n")

    def said(item: str, **values: str) -> EarlierPage:
        return EarlierPage(item, "Ada", values, f"key-{item}")

    with Project.open(tmp_path) as project:
        add(project, [Item(f"i{n}", "text") for n in range(4)])
        wanted = {"i0": {"tone": "a", "mood": "a"}, "i1": {"tone": "b", "mood": "a"}, "i2": {"tone": "a", "mood": "c"}}
        bring_in(project, [said(item, **values) for item, values in wanted.items()])
        ada = people(project)[0]
        given = {one.item: one.said for one in own_answers(project, ada)}
        assert given == wanted
        with pytest.raises(InputError, match="none of the options"):
            bring_in(project, [said("i3", tone="c", mood="a")])
        with pytest.raises(InputError, match="has no answer"):
            bring_in(project, [said("i3", tone="a")])

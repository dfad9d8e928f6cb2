"""A project goes out in the formats of other tools, and from Label Studio's it comes back as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from middlemost.core.nouns import Item, Submission
from middlemost.errors import SettingError, StateError
from middlemost.files.argilla_project import read_project as read_argilla
from middlemost.files.doccano_project import read_project as read_doccano
from middlemost.files.exports import FORMATS, Outgoing
from middlemost.files.incoming import Incoming
from middlemost.files.label_studio_project import read_project
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.export import export, outgoing
from middlemost.project.folder import Project
from middlemost.project.moving import move_in
from middlemost.project.next import next_assignments
from middlemost.project.people import invite, join

PROTOCOL = """\
name: Replies
paradigm: prescriptive
questions:
  - {id: tone, type: choice, ask: "How does it sound?", options: [{id: kind, label: "Kind & warm"}, {id: rude}]}
  - {id: why, type: multichoice, ask: "Why?", when: {question: tone, is: rude}, options: [{id: insult}, {id: threat}]}
  - {id: stars, type: scale, ask: "How helpful?", min: 1, max: 5}
  - {id: weight, type: scale, look: number, ask: "How long to write?", required: no}
  - {id: names, type: spans, ask: "Names?", overlap: yes, labels: [{id: person, label: "A person"}, {id: place}]}
  - {id: best, type: ranking, ask: "Which is best?", field: replies}
  - {id: note, type: text, ask: "Anything else?", required: no}
collection: {answers_per_item: 2}
"""
ITEMS = [
    Item("i1", "\N{GRINNING FACE} Ada, in Ulm", {"replies": ["one", "two"], "source": "mail"}),
    Item("i2", "Grüße & <b>", {"replies": ["a", "b"], "source": "chat"}),
    Item("i3", "nobody has come here", {"replies": ["x", "y"], "source": "chat"}),
]
SAID = [
    {"tone": "kind", "stars": 5, "names": [{"start": 2, "end": 5, "label": "person"}], "best": [["2"], ["1"]]},
    {"tone": "rude", "why": ["insult"], "stars": 1, "weight": 2.5, "names": [], "best": [["1"], ["2"]], "note": "Hm."},
]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL)
    (tmp_path / "guidelines.md").write_text("Listen.\n")
    with Project.open(tmp_path) as opened:
        add(opened, ITEMS, gold={"i1": "kind", "i2": "rude"}, drawn="chosen")
        for n, name in enumerate(("Ada", "Bob")):
            person = join(opened, invite(opened), name).person
            for one in next_assignments(opened, person, 2):
                said = SAID[n] if one.item.id == "i1" else SAID[1 - n]
                if one.item.id == "i2":
                    said = said | {"names": []}
                answer(opened, person, Submission(one.id, said, f"{name} {one.id}", active_ms=1500))
        yield opened


def test_a_project_comes_back_from_label_studio_s_format_as_it_was(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = export(project, "label-studio", out)
    assert (done.items, done.pages, done.left) == (3, 4, ())
    assert [one.name for one in done.files] == ["out.json", "out.json.xml"]
    theirs = read_project(out, tmp_path / "out.json.xml", name="Replies")
    move_in(tmp_path / "back", theirs)
    with Project.open(tmp_path / "back") as back:
        before, after = outgoing(project), outgoing(back)
        types = {one.id: one.type for one in project.protocol.questions}
        assert {one.id: one.type for one in back.protocol.questions} == types
        assert back.options == project.options
        assert [one.when for one in back.protocol.questions] == [one.when for one in project.protocol.questions]
        assert [(one.id, one.text) for one in after.items] == [(one.id, one.text) for one in before.items]
        assert after.gold == before.gold
        for item, pages in before.pages.items():
            assert [one.values for one in after.pages[item]] == [one.values for one in pages]
            assert [one.seconds for one in after.pages[item]] == [1.5, 1.5]


def moved(theirs: Incoming, folder: Path) -> Outgoing:
    move_in(folder, theirs)
    with Project.open(folder) as back:
        return outgoing(back)


def test_answers_come_back_from_argilla_s_format_as_they_were(project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    export(project, "argilla", out)
    theirs = read_argilla(out, tmp_path / "out.json.settings.json")
    before, after = outgoing(project), moved(theirs, tmp_path / "back")
    assert theirs.left == ()
    kept = {"tone", "why", "stars", "names", "note"}
    for one in after.protocol.questions:
        same = project.protocol.named(one.id)
        assert same is not None
        assert (one.type, one.ask, one.declared()) == (same.type, same.ask, same.declared())
    assert [(one.id, one.text, one.fields["source"]) for one in after.items] == [
        (one.id, one.text, one.fields["source"]) for one in before.items
    ]
    for item, pages in before.pages.items():
        assert [one.values for one in after.pages[item]] == [
            {name: value for name, value in one.values.items() if name in kept} for one in pages
        ]


def test_answers_to_its_one_question_come_back_from_doccano_s_format(project: Project, tmp_path: Path) -> None:
    export(project, "doccano", tmp_path / "out.jsonl")
    theirs = read_doccano([tmp_path / "out.jsonl"])
    before, after = outgoing(project), moved(theirs, tmp_path / "back")
    assert theirs.left == ()
    assert [(one.id, one.text, one.fields) for one in after.items] == [
        (one.id, one.text, one.fields) for one in before.items
    ]
    for item, pages in before.pages.items():
        assert [one.values["label"] for one in after.pages[item]] == [one.values["tone"] for one in pages]


def test_label_studio_counts_passages_in_units_of_utf_16(project: Project, tmp_path: Path) -> None:
    export(project, "label-studio", tmp_path / "out.json")
    tasks = json.loads((tmp_path / "out.json").read_text())
    (passage,) = [one for one in tasks[0]["annotations"][0]["result"] if one["type"] == "labels"]
    assert passage["value"] == {"start": 3, "end": 6, "text": "Ada", "labels": ["person"]}


def test_doccano_has_a_line_an_item_and_rater_with_its_one_question(project: Project, tmp_path: Path) -> None:
    done = export(project, "doccano", tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(one["item"], one.get("rater"), one["label"]) for one in lines] == [
        ("i1", "r-001", ["kind"]), ("i1", "r-002", ["rude"]), ("i2", "r-001", ["rude"]), ("i2", "r-002", ["kind"]),
        ("i3", None, []),
    ]  # fmt: skip
    assert any("stars" in one for one in done.left)


def test_argilla_has_each_rater_s_responses_and_its_settings(project: Project, tmp_path: Path) -> None:
    done = export(project, "argilla", tmp_path / "out.json")
    first = json.loads((tmp_path / "out.json").read_text())[0]
    assert first["fields"] == {"text": ITEMS[0].text}
    assert [one["value"] for one in first["responses"]["tone"]] == ["kind", "rude"]
    assert len({one["user_id"] for one in first["responses"]["tone"]}) == 2
    assert first["metadata"] == {"source": "mail", "raters": ["r-001", "r-002"]}
    settings = json.loads((tmp_path / "out.json.settings.json").read_text())
    assert [one["settings"]["type"] for one in settings["questions"]] == [
        "label_selection", "multi_label_selection", "rating", "span", "text",
    ]  # fmt: skip
    assert {one.partition(":")[0] for one in done.left} == {"weight", "best"}


@pytest.mark.parametrize(
    ("format", "read"),
    [
        ("csv", lambda file: pl.read_csv(file)["answer"].to_list()),
        ("jsonl", lambda file: pl.read_ndjson(file)["answer"].to_list()),
        ("parquet", lambda file: pl.read_parquet(file)["answer"].to_list()),
    ],
)
def test_the_long_table_goes_out_as_a_file(
    project: Project, tmp_path: Path, format: str, read: Callable[[Path], list[str]]
) -> None:
    out = tmp_path / f"out.{format}"
    assert export(project, format, out).left == ()
    assert read(out) == outgoing(project).table["answer"].to_list()


@pytest.mark.parametrize("format", FORMATS)
def test_no_name_goes_out_and_no_file_is_written_over(project: Project, tmp_path: Path, format: str) -> None:
    out = tmp_path / "out"
    for file in export(project, format, out).files:
        assert b"Bob" not in file.read_bytes()
    with pytest.raises(StateError, match="is there already"):
        export(project, format, out)
    assert export(project, format, out, force=True).items == 3


@pytest.mark.parametrize("format", FORMATS)
def test_a_project_without_answers_goes_out_too(tmp_path: Path, format: str) -> None:
    (tmp_path / "protocol.yaml").write_text(PROTOCOL)
    (tmp_path / "guidelines.md").write_text("Listen.\n")
    with Project.open(tmp_path) as empty:
        assert export(empty, format, tmp_path / "out").pages == 0


def test_an_unknown_format_is_named(project: Project, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="doccano"):
        export(project, "docano", tmp_path / "out")

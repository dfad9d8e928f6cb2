"""A doccano project moves over whole: documents, what each annotator said of them, and what was asked."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from middlemost.errors import InputError, SettingError
from middlemost.files.doccano_project import NOBODY, as_asked, read_project
from middlemost.files.incoming import Incoming

OX = "the 🐂 ox was weighed at Plymouth"
HEBREW = "השור נשקל בפלימות׳ 🐂"


def write(file: Path, *lines: dict[str, Any]) -> Path:
    file.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    return file


def read(folder: Path, *lines: dict[str, Any], **settings: Any) -> Incoming:
    return read_project([write(folder / "cattle-show.jsonl", *lines)], **settings)


def questions(project: Incoming) -> list[dict[str, Any]]:
    return list(yaml.safe_load(project.protocol)["questions"])


def said(project: Incoming) -> list[tuple[str, str, Any]]:
    return [(one.item, one.rater, dict(one.values)) for one in project.pages]


def test_one_label_a_line_is_a_choice_with_the_most_frequent_option_first(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {"id": 1, "text": "It pulls.", "label": ["ox"], "farm": "north", "meta": {"year": 1906}, "Comments": ["heavy"]},
        {"id": 2, "text": "It gives milk.", "label": ["cow"]},
        {"id": 3, "text": "It eats.", "label": "cow"},
        {"id": 4, "text": "It sleeps.", "label": []},
    )
    (asked,) = questions(project)
    assert (asked["type"], [one["id"] for one in asked["options"]]) == ("choice", ["cow", "ox"])
    assert said(project) == [(n, NOBODY, {"label": what}) for n, what in (("1", "ox"), ("2", "cow"), ("3", "cow"))]
    assert project.items[0].fields == {"farm": "north", "meta": {"year": 1906}, "Comments": ["heavy"]}
    assert [one.id for one in project.items] == ["1", "2", "3", "4"]
    assert yaml.safe_load(project.protocol)["name"] == "cattle show"


def test_several_labels_in_a_line_are_a_question_with_several_answers(tmp_path: Path) -> None:
    project = read(tmp_path, {"id": 1, "text": "a", "label": ["ox", "heavy"]}, {"id": 2, "text": "b", "label": ["ox"]})
    assert questions(project)[0]["type"] == "multichoice"
    assert said(project)[0][2] == {"label": ["ox", "heavy"]}


@pytest.mark.parametrize(
    "labelled",
    [
        {"label": [[4, 5, "animal"], [24, 32, "place"]]},
        {
            "entities": [
                {"id": 7, "label": "animal", "start_offset": 4, "end_offset": 5},
                {"id": 8, "label": "place", "start_offset": 24, "end_offset": 32},
            ],
            "relations": [{"id": 1, "from_id": 7, "to_id": 8, "type": "weighed at"}],
        },
    ],
)
def test_passages_are_counted_in_code_points_and_relations_are_named(tmp_path: Path, labelled: dict[str, Any]) -> None:
    project = read(
        tmp_path,
        {"id": 1, "text": OX} | labelled,
        {"id": 2, "text": HEBREW, "label": [[len(HEBREW) - 1, len(HEBREW), "animal"]]},
    )
    (asked,) = questions(project)
    assert (asked["type"], [one["id"] for one in asked["labels"]]) == ("spans", ["animal", "place"])
    texts = {one.id: one.text for one in project.items}
    marked = [texts[item][one["start"] : one["end"]] for item, _, values in said(project) for one in values["label"]]
    assert marked == ["🐂", "Plymouth", "🐂"]
    told = ("relations between the passages of 1 documents",)
    assert project.left == (told if "relations" in labelled else ())


def test_categories_beside_passages_are_two_questions(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        {"id": 1, "text": "book me", "cats": ["booking"], "entities": [[0, 4, "verb"]]},
        {"id": 2, "text": "and go", "cats": ["leaving"], "entities": []},
    )
    assert [(one["id"], one["type"]) for one in questions(project)] == [("label", "choice"), ("passages", "spans")]
    assert said(project)[1][2] == {"label": "leaving", "passages": []}


def packed(folder: Path, **files: list[dict[str, Any]]) -> Path:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/._ada.jsonl", b"\0\0")
        for name, lines in files.items():
            archive.writestr(f"{name}.jsonl", "".join(json.dumps(one) + "\n" for one in lines))
    return path


def test_a_zip_file_has_a_file_for_each_annotator(tmp_path: Path) -> None:
    one, other = {"id": 1, "text": "a"}, {"id": 2, "text": "b"}
    path = packed(
        tmp_path,
        ada=[one | {"label": ["ox"], "Comments": ["sure"]}, other | {"label": ["cow"]}],
        bob=[one | {"label": ["cow"], "Comments": ["not sure"]}, other | {"label": []}],
        unknown=[one | {"label": ["ox"]}, other | {"label": []}],
    )
    project = read_project([path])
    assert said(project) == [
        ("1", "ada", {"label": "ox"}),
        ("2", "ada", {"label": "cow"}),
        ("1", "bob", {"label": "cow"}),
    ]
    assert project.items[0].fields == {"Comments": ["sure", "not sure"]}
    assert [one.partition(":")[0] for one in project.left] == [
        "labels of 1 documents in unknown.jsonl", "1 lines without labels",
    ]  # fmt: skip


def test_several_files_are_named_after_their_annotators(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{who}.jsonl", {"id": 1, "text": "a", "label": [who]}) for who in ("ada", "bob")]
    assert [(who, values) for _, who, values in said(read_project(files))] == [
        ("ada", {"label": "ada"}), ("bob", {"label": "bob"}),
    ]  # fmt: skip


def test_no_label_is_an_answer_where_only_approved_documents_were_exported(tmp_path: Path) -> None:
    lines = [{"id": 1, "text": "Ada went", "label": [[0, 3, "person"]]}, {"id": 2, "text": "it went", "label": []}]
    assert [values for _, _, values in said(read(tmp_path, *lines, approved=True))] == [
        {"label": [{"start": 0, "end": 3, "label": "person"}]},
        {"label": []},
    ]


def test_what_was_written_is_a_text(tmp_path: Path) -> None:
    lines = [{"id": n, "text": f"sentence {n}", "label": [f"Satz Nummer {n}"]} for n in range(30)]
    project = read(tmp_path, *lines)
    assert questions(project)[0]["type"] == "text"
    assert said(project)[3][2] == {"label": "Satz Nummer 3"}
    assert questions(read(tmp_path, *lines[:3]))[0]["type"] == "choice"
    assert questions(read(tmp_path, *lines[:3], asked="text"))[0]["type"] == "text"


@pytest.mark.parametrize(
    ("line", "words", "value"),
    [
        ({"id": 2, "text": "ox", "label": [[0, 3, "animal"]]}, "does not lie in the text", "[0, 3, 'animal']"),
        ({"id": 2, "text": "ox", "label": [[1, 1, "animal"]]}, "does not lie in the text", None),
        ({"id": 2, "text": "ox", "label": [[True, 2, "animal"]]}, "does not lie in the text", None),
        ({"id": 2, "text": "ox", "label": [7]}, "A label is a name, or a passage", "7"),
        ({"id": 2, "text": "", "label": ["ox"]}, "no text here", None),
        ({"id": 1, "text": "another", "label": ["ox"]}, "Document 1 has another text", "another"),
        ({"id": 1, "text": "fine", "farm": "south"}, "Document 1 has another 'farm'", "south"),
        ({"id": 2, "text": "ox", "annotations": [{"label": 3, "user": 1}]}, "labels by number", None),
        ({"item": "2", "text": "ox", "label": ["ox"], "rater": "a", "round": "x"}, "A round is", "x"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_value(
    tmp_path: Path, line: dict[str, Any], words: str, value: str | None
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read(tmp_path, {"id": 1, "text": "fine", "label": ["ox"], "farm": "north"}, line)
    place = caught.value.place
    assert place is not None
    assert (place.file, place.line) == (str(tmp_path / "cattle-show.jsonl"), 2)
    assert value is None or place.value == value
    assert caught.value.mend


def test_several_labels_where_a_choice_is_asked_for_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="several labels here"):
        read(tmp_path, {"id": 1, "text": "a", "label": ["ox", "cow"]}, asked="choice")
    with pytest.raises(SettingError, match="multichoice"):
        as_asked("many")


def test_an_export_without_any_label_says_that_nobody_knows_what_was_asked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nobody knows what was asked"):
        read(tmp_path, {"id": 1, "text": "a", "label": []})
    with pytest.raises(InputError, match="nobody knows what was asked"):
        read(tmp_path, {"id": 1, "filename": "a.png", "bbox": [{"x": 1}]})

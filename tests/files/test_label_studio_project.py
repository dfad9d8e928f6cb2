"""A Label Studio project moves over whole: what it asks, what it shows, who said what when."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from middlemost.errors import InputError
from middlemost.files.incoming import Incoming
from middlemost.files.label_studio_project import read_project

OX = "the 🐂 ox was weighed at Plymouth"
CONFIG = """\
<View>
  <!-- what is shown -->
  <Text name="text" value="$words"/>
  <Header value="Is it about cattle?"/>
  <Choices name="cattle" toName="text" choice="single" required="true">
    <Choice value="Yes"/><Choice value="No"/><Choice value="Cannot tell" alias="unclear"/>
  </Choices>
  <Choices name="kinds" toName="text" choice="multiple" visibleWhen="choice-selected" whenTagName="cattle"
           whenChoiceValue="Yes"><Choice value="ox"/><Choice value="cow"/></Choices>
  <Labels name="names" toName="text"><Label value="place"/><Label value="animal"/></Labels>
  <Rating name="sure" toName="text" maxRating="4"/>
  <Number name="weight" toName="text" min="0"/>
  <TextArea name="why" toName="text"/>
  <Taxonomy name="tree" toName="text"/>
</View>
"""


def result(name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"from_name": name, "to_name": "text", "type": kind, "value": value}


def choice(name: str, *chosen: str) -> dict[str, Any]:
    return result(name, "choices", {"choices": list(chosen)})


def note(number: int, who: object, *results: dict[str, Any], **more: Any) -> dict[str, Any]:
    once = {"created_at": "2026-03-09T22:16:08.5Z", "lead_time": 4.25, "was_cancelled": False}
    return {"id": number, "completed_by": who, "result": list(results)} | once | more


TASKS = [
    {
        "id": 7,
        "data": {"words": OX, "source": "Nature"},
        "predictions": [{"result": []}],
        "annotations": [
            note(
                1,
                {"id": 3, "email": "ada@example.org"},
                choice("cattle", "Yes"),
                choice("kinds", "ox"),
                # As a browser counts: the ox is two of its signs.
                result("names", "labels", {"start": 4, "end": 6, "text": "🐂", "labels": ["animal"]}),
                result("names", "labels", {"start": 25, "end": 33, "text": "Plymouth", "labels": ["place"]}),
                result("sure", "rating", {"rating": 3}),
                result("weight", "number", {"number": 1198.5}),
                result("why", "textarea", {"text": ["It says so.", "Twice."]}),
                ground_truth=True,
            ),
            note(2, 4, choice("cattle", "unclear")),
            note(3, 4, choice("cattle", "No")),
            note(4, 5, was_cancelled=True),
        ],
    },
    {"id": 8, "data": {"words": "no animals here", "source": ""}, "annotations": [note(5, 4, choice("cattle", "No"))]},
]


def read(folder: Path, tasks: Any = TASKS, config: str | None = CONFIG, **settings: Any) -> Incoming:
    export, xml = folder / "cattle-show.json", folder / "config.xml"
    export.write_text(json.dumps(tasks))
    if config is not None:
        xml.write_text(config)
    return read_project(export, xml if config is not None else None, **settings)


def questions(project: Incoming) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in yaml.safe_load(project.protocol)["questions"]}


def test_controls_become_questions_in_their_order(tmp_path: Path) -> None:
    found = questions(read(tmp_path))
    kinds = {"cattle": "choice", "kinds": "multichoice", "names": "spans", "sure": "scale", "weight": "scale"}
    assert {name: one["type"] for name, one in found.items()} == kinds | {"why": "text"}
    assert found["cattle"]["ask"] == "Is it about cattle?"
    assert found["cattle"]["options"][-1] == {"id": "unclear", "label": "Cannot tell"}
    assert found["kinds"]["when"] == {"question": "cattle", "is": ["Yes"]}
    assert (found["sure"]["look"], found["sure"]["max"]) == ("likert", 4)
    assert found["kinds"]["required"] is False
    assert "required" not in found["cattle"]


def test_an_annotation_becomes_a_page_with_passages_in_code_points(tmp_path: Path) -> None:
    page = read(tmp_path).pages[0]
    assert page.rater == "ada@example.org"
    assert (page.seconds, page.at) == (4.25, 1773094568.5)
    said = dict(page.values)
    spans = [(OX[one["start"] : one["end"]], one["label"]) for one in said.pop("names")]  # type: ignore[union-attr]
    assert spans == [("🐂", "animal"), ("Plymouth", "place")]
    assert said == {"cattle": "Yes", "kinds": ["ox"], "sure": 3, "weight": 1198.5, "why": "It says so.\nTwice."}


def test_a_second_annotation_is_a_second_round_and_a_cancelled_one_a_skip(tmp_path: Path) -> None:
    pages = read(tmp_path).pages
    assert [(one.rater, one.round, one.skipped is None) for one in pages[1:4]] == [
        ("Label Studio 4", 1, True),
        ("Label Studio 4", 2, True),
        ("Label Studio 5", 1, False),
    ]


def test_ground_truth_is_gold_and_what_stays_behind_is_told(tmp_path: Path) -> None:
    project = read(tmp_path)
    assert project.gold == {"7": "Yes"}
    assert project.left == ("<Taxonomy> of the configuration", "predictions of models for 1 tasks")
    assert project.items[0].fields == {"source": "Nature"}
    assert project.items[0].text == OX


def test_without_the_configuration_the_answers_tell_what_was_asked(tmp_path: Path) -> None:
    found = questions(read(tmp_path, config=None))
    assert list(found) == ["cattle", "kinds", "names", "sure", "weight", "why"]
    assert [one["id"] for one in found["cattle"]["options"]] == ["No", "Yes", "unclear"]


def test_a_condition_that_answers_do_not_keep_to_is_dropped(tmp_path: Path) -> None:
    tasks = [TASKS[1] | {"annotations": [note(5, 4, choice("cattle", "No"), choice("kinds", "cow"))]}]
    assert "when" not in questions(read(tmp_path, tasks))["kinds"]


def test_pairs_become_a_choice_between_left_and_right(tmp_path: Path) -> None:
    config = '<View><Text name="a" value="$x"/><Text name="b" value="$y"/><Pairwise name="pw" toName="a,b"/></View>'
    said = result("pw", "pairwise", {"selected": "left"})
    project = read(
        tmp_path, [{"id": 1, "data": {"x": "short", "y": "long"}, "annotations": [note(1, 2, said)]}], config
    )
    assert [one["id"] for one in questions(project)["pw"]["options"]] == ["left", "right"]
    assert project.pages[0].values == {"pw": "left"}
    assert project.items[0].text == "a: short\n\nb: long"


@pytest.mark.parametrize("ranker", [{"rank": ["mdn", "blog"]}, {"_": ["mdn", "blog"]}, ["mdn", "blog"]])
def test_an_order_of_a_tasks_own_list_becomes_a_ranking(tmp_path: Path, ranker: Any) -> None:
    config = '<View><List name="found" value="$hits"/><Ranker name="rank" toName="found"/></View>'
    hits = [{"id": "blog", "title": "Ten tips", "body": "Read on."}, {"id": "mdn", "title": "Arrows"}]
    said = result("rank", "ranker", {"ranker": ranker})
    tasks = [{"id": 1, "data": {"query": "arrow", "hits": hits}, "annotations": [note(1, 2, said)]}]
    project = read(tmp_path, tasks, config)
    assert project.pages[0].values == {"rank": [["mdn"], ["blog"]]}
    assert project.items[0].fields["hits"] == [
        {"id": "blog", "text": "Ten tips\nRead on."},
        {"id": "mdn", "text": "Arrows"},
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "list of tasks"),
        ('[{"id": 1, "text": "a", "cattle": "Yes"}]', "no annotations"),
        ('[{"id": 1, "annotations": []}]', "has no data"),
        ('[{"id": 1, "data": {"text": "a"}, "annotations": []}]', "Nothing that is asked"),
    ],
)
def test_what_is_no_export_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "export.json"
    file.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read_project(file)
    assert caught.value.place is not None
    assert caught.value.place.file == str(file)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("<View><Text", "not XML"),
        ('<!DOCTYPE v [<!ENTITY a "aaaa">]><View>&a;</View>', "DOCTYPE"),
    ],
)
def test_a_configuration_that_cannot_be_trusted_is_refused(tmp_path: Path, config: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(tmp_path, config=config)


def test_a_passage_that_is_not_where_it_says_is_refused(tmp_path: Path) -> None:
    said = result("names", "labels", {"start": 0, "end": 3, "text": "cow", "labels": ["animal"]})
    with pytest.raises(InputError, match=r"Task 7: the passage 'cow' is not at 0 to 3"):
        read(tmp_path, [TASKS[0] | {"annotations": [note(1, 2, said)]}])

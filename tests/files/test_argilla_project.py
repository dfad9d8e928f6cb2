"""An Argilla data set moves over whole: records, questions, and what each user responded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from middlemost.errors import InputError
from middlemost.files.argilla_project import read_project
from middlemost.files.incoming import Incoming

OX = "the 🐂 ox was weighed"
ADA, BOB = "1f3c7c9e-0000-4000-8000-000000000001", "1f3c7c9e-0000-4000-8000-000000000002"


def options(*names: str) -> list[dict[str, str]]:
    return [{"value": name, "text": name.title()} for name in names]


def question(name: str, type: str, **settings: Any) -> dict[str, Any]:
    return {"name": name, "title": f"{name}?", "required": True, "settings": {"type": type, **settings}}


SETTINGS = {
    "guidelines": "Look at the ox.",
    "fields": [{"name": "words", "title": "Words", "settings": {"type": "text"}}],
    "questions": [
        question("tone", "label_selection", options=options("kind", "rude", "other")),
        question("why", "multi_label_selection", options=options("insult", "threat")),
        question("stars", "rating", options=[{"value": n} for n in range(1, 6)]),
        question("note", "text"),
        question("names", "span", field="words", options=options("animal"), allow_overlapping=False),
        question("best", "ranking", options=options("a", "b", "c")),
        question("region", "image_annotation"),
    ],
}
VALUES = {
    "tone": "kind",
    "why": ["insult"],
    "stars": 4,
    "note": "It says so.",
    "names": [{"start": 4, "end": 5, "label": "animal"}],
    "best": [{"value": "b", "rank": 1}, {"value": "a", "rank": 2}, {"value": "c", "rank": 2}],
}


def said(user: str, **values: Any) -> dict[str, list[dict[str, Any]]]:
    return {name: [{"value": value, "user_id": user}] for name, value in values.items()}


def record(id: str = "r1", text: str = OX, **more: Any) -> dict[str, Any]:
    return {"id": id, "fields": {"words": text}, "metadata": {}, "responses": {}, "suggestions": {}} | more


def read(folder: Path, records: Any, settings: Any = SETTINGS, **options: Any) -> Incoming:
    path, declared = folder / "records.json", folder / "settings.json"
    path.write_text(json.dumps(records))
    declared.write_text(json.dumps(settings))
    return read_project(path, None if settings is None else declared, **options)


def questions(project: Incoming) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in yaml.safe_load(project.protocol)["questions"]}


def test_questions_become_what_the_settings_say(tmp_path: Path) -> None:
    project = read(tmp_path, [record(responses=said(ADA, **VALUES), metadata={"source": "Nature"})])
    found = questions(project)
    assert {name: one["type"] for name, one in found.items()} == {
        "tone": "choice", "why": "multichoice", "stars": "scale", "note": "text", "names": "spans", "best": "ranking",
    }  # fmt: skip
    assert found["tone"]["ask"] == "tone?"
    assert found["tone"]["options"][-1] == {"id": "other", "label": "Other"}
    assert (found["stars"]["min"], found["stars"]["max"], found["best"]["ties"]) == (1, 5, True)
    assert project.left[:1] == ("region: a question of the type image_annotation",)
    assert project.guidelines == "Look at the ox."
    assert (project.items[0].text, project.items[0].fields) == (OX, {"source": "Nature"})


def test_a_users_responses_are_a_page(tmp_path: Path) -> None:
    (page,) = read(tmp_path, [record(responses=said(ADA, **VALUES))]).pages
    assert page.rater == f"Argilla {ADA}"
    assert dict(page.values) == VALUES | {"best": [["b"], ["a", "c"]]}


def test_discarded_is_a_skip_and_a_draft_no_answer(tmp_path: Path) -> None:
    def response(user: str, status: str) -> dict[str, Any]:
        return {"value": "kind", "user_id": user, "status": status}

    records = [
        record("r1", responses={"tone": [response(ADA, "submitted"), response(BOB, "discarded")]}),
        record("r2", responses={"tone": [response(ADA, "draft")]}, suggestions={"tone": {"value": "rude"}}),
    ]
    project = read(tmp_path, records)
    assert [(one.rater[-1], dict(one.values), one.skipped) for one in project.pages] == [
        ("1", {"tone": "kind"}, None),
        ("2", {}, "discarded in Argilla"),
    ]
    assert project.left[1:] == ("1 drafts of responses", "suggestions for 1 records")
    assert questions(project)["why"]["required"] is False


def test_responses_as_the_server_has_them_bring_their_times(tmp_path: Path) -> None:
    given = {"user_id": ADA, "status": "submitted", "values": {"tone": {"value": "rude"}}}
    given["inserted_at"] = "2026-03-09T22:16:08.5"
    (page,) = read(tmp_path, [record(responses=[given])]).pages
    assert (dict(page.values), page.at) == ({"tone": "rude"}, 1773094568.5)


def test_without_settings_the_responses_tell_what_was_asked(tmp_path: Path) -> None:
    def given(n: int) -> dict[str, Any]:
        return said(ADA, **VALUES | {"note": f"words {n}", "tone": ("kind", "rude")[n % 2]})

    found = questions(read(tmp_path, [record(f"r{n}", responses=given(n)) for n in range(30)], None))
    assert {name: one["type"] for name, one in found.items()} == {
        "tone": "choice", "why": "multichoice", "stars": "scale", "note": "text", "names": "spans", "best": "ranking",
    }  # fmt: skip
    assert [one["id"] for one in found["tone"]["options"]] == ["kind", "rude"]


def test_several_fields_are_shown_with_their_titles(tmp_path: Path) -> None:
    settings = {
        "fields": [{"name": "prompt", "title": "Prompt"}, {"name": "reply", "title": "Reply"}],
        "questions": [question("tone", "label_selection", options=options("kind", "rude"))],
    }
    fields = {"prompt": "Hello?", "reply": "Yes."}
    project = read(tmp_path, [record(fields=fields, responses=said(ADA, tone="kind"))], settings)
    assert project.items[0].text == "Prompt: Hello?\n\nReply: Yes."
    assert project.items[0].fields == fields


def test_a_chat_is_a_conversation(tmp_path: Path) -> None:
    fields = {"chat": [{"role": "user", "content": "Hello?"}, {"role": "bot", "content": "Yes."}]}
    project = read(tmp_path, [record(fields=fields, responses=said(ADA, stars=3))], None)
    assert yaml.safe_load(project.protocol)["show"] == "conversation"
    assert project.items[0].fields["turns"] == [{"role": "user", "text": "Hello?"}, {"role": "bot", "text": "Yes."}]


def test_passages_that_were_marked_in_argillas_page_are_counted_as_a_browser_does(tmp_path: Path) -> None:
    marked = said(ADA, names=[{"start": 7, "end": 9, "label": "animal"}])
    (page,) = read(tmp_path, [record(responses=marked)], utf16=True).pages
    (span,) = page.values["names"]  # type: ignore[misc]
    assert OX[span["start"] : span["end"]] == "ox"
    assert "--utf-16" in read(tmp_path, [record(responses=marked)]).left[-1]
    beyond = said(ADA, names=[{"start": 7, "end": len(OX) + 1, "label": "animal"}])
    with pytest.raises(InputError, match="--utf-16"):
        read(tmp_path, [record(responses=beyond)])


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([{"id": "r1", "text": "a"}], "no `fields`"),
        ([record(), record()], "Two records have this id"),
        ([record(text=" ", responses=said(ADA, tone="kind"))], "no text"),
        ([record(responses=said(ADA, names=[{"start": 0, "end": 99, "label": "animal"}]))], "does not lie"),
        ([record(responses=said(ADA, stars="five"))], "whole number"),
        ([record(responses=said(ADA, why="insult"))], "list of names"),
        ([record(responses=said(ADA, best=["a"]))], "each with its rank"),
        ([record(responses={"tone": [{"user_id": ADA}]})], "has a `value`"),
        ([record(responses={"tone": [{"value": "kind", "user_id": ADA, "status": "lost"}]})], "submitted, discarded"),
        ([record(responses=7)], "by question"),
        ([record(metadata=[1])], "`metadata` is an object"),
        ([], "no records"),
        ([7], "Expected an object"),
    ],
)
def test_what_is_no_export_is_refused_with_its_record(tmp_path: Path, records: Any, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read(tmp_path, records)
    assert caught.value.place is not None
    assert str(tmp_path / "records.json") in str(caught.value.place)


@pytest.mark.parametrize(
    ("settings", "words"),
    [([], "object with `fields`"), ({"questions": [{"title": "x"}]}, "no name"), ({"questions": [7]}, "no name")],
)
def test_settings_that_are_none_are_refused(tmp_path: Path, settings: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(tmp_path, [record(responses=said(ADA, tone="kind"))], settings)

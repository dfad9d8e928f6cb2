"""A Label Studio project, from its JSON export (and its labelling configuration), as what a project here is made of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from middlemost.core.earlier import EarlierPage
from middlemost.core.nouns import Item
from middlemost.errors import InputError, Place
from middlemost.files.incoming import Incoming, counted, no_guidelines, protocol_text, title
from middlemost.files.label_studio_config import ASKED, Config, Control, read_config
from middlemost.files.label_studio_values import Question, Task, declared, value_of
from middlemost.files.text import decode, read_bytes


def read_project(
    export: str | Path, config: str | Path | None = None, *, name: str | None = None, descriptive: bool = False
) -> Incoming:
    """Read a JSON export and, where there is one, the labelling configuration, which names options nobody chose.

    Choices, Labels, Rating, Number, TextArea, Pairwise and Ranker become questions, tasks items, annotators raters,
    annotations answers (a second one by the same annotator a second round), cancelled ones skips, and ground truth
    gold. InputError with the place for what is no such export.
    """
    path = Path(export)
    settings = read_config(Path(config)) if config is not None else Config()
    tasks = [Task.of(path, number, given) for number, given in enumerate(_tasks(path), 1)]
    questions, left = _questions(settings, tasks, given=config is not None)
    if not questions:
        mend = "Choices, Labels, Rating, Number, TextArea, Pairwise and Ranker can be moved."
        raise InputError("Nothing that is asked here can be moved.", place=Place(str(path)), mend=mend)
    items = tuple(task.item(settings, questions) for task in tasks)
    pages = tuple(page for task, item in zip(tasks, items, strict=True) for page in _pages(task, item, questions))
    questions = _kept_conditions(questions, pages)
    text = protocol_text(
        name or title(path),
        [one.declaration for one in questions],
        pages,
        descriptive=descriptive,
        show="conversation" if any(one.tag == "Paragraphs" for one in settings.shown) else "text",
    )
    gold = {} if descriptive else _gold(tasks, questions)
    left += _left(settings, tasks)
    return Incoming(text, no_guidelines("Label Studio"), items, pages, gold, tuple(left))


def _tasks(path: Path) -> list[dict[str, Any]]:
    text = decode(read_bytes(path), str(path))
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        mend = "Export the project from Label Studio as JSON."
        raise InputError("This is not JSON.", place=Place(str(path), line), mend=mend) from None
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given) or not given:
        message = "A Label Studio export is a list of tasks, and there is none here."
        raise InputError(message, place=Place(str(path)), mend="Export the project as JSON.")
    if not any(isinstance(one.get("annotations"), list) for one in given):
        mend = "Export it as JSON: JSON-MIN and CSV leave out who said what when."
        raise InputError("The tasks have no annotations.", place=Place(str(path)), mend=mend)
    return given


def _questions(config: Config, tasks: Sequence[Task], *, given: bool) -> tuple[list[Question], list[str]]:
    """The questions in the order of the configuration, or else in which they were answered first."""
    results: dict[str, list[tuple[Task, Mapping[str, Any]]]] = {}
    for task in tasks:
        for one in task.results():
            results.setdefault(str(one.get("from_name")), []).append((task, one))
    controls = list(config.controls)
    known = {one.name for one in controls}
    kinds = {name: str(found[0][1].get("type")) for name, found in results.items() if name not in known}
    controls += [Control(name, kind, ()) for name, kind in kinds.items() if kind in ASKED.values()]
    left = [f"{name}: {kind}" for name, kind in kinds.items() if kind not in ASKED.values()]
    questions: list[Question] = []
    for control in controls:
        found = declared(control, results.get(control.name, []), config, told=given and control.name in known)
        if isinstance(found, Question):
            questions.append(found)
        else:
            left.append(f"{control.name}: {found}")
    return questions, left


def _pages(task: Task, item: Item, questions: Sequence[Question]) -> Iterator[EarlierPage]:
    rounds: Counter[str] = Counter()
    for note in task.annotations():
        rater = _rater(note)
        rounds[rater] += 1
        took = note.get("lead_time")
        at = _time(note.get("created_at"))
        empty = EarlierPage(
            item=item.id,
            rater=rater,
            values={},
            key=f"label-studio-{task.id}-{note.get('id', rounds[rater])}",
            at=at,
            seconds=float(took) if isinstance(took, (int, float)) and 0 <= took < 10**6 else None,
            round=rounds[rater],
        )
        values = {one.control.name: value_of(one, task, note, item) for one in questions}
        said = {name: value for name, value in values.items() if value is not None}
        if note.get("was_cancelled"):
            yield replace(empty, skipped="skipped in Label Studio")
        elif said:
            yield replace(empty, values=said)
        else:
            yield replace(empty, skipped="nothing was answered in Label Studio")


def _rater(note: Mapping[str, Any]) -> str:
    who = note.get("completed_by") or note.get("rater")
    if isinstance(who, dict):
        who = who.get("email") or who.get("username") or who.get("id")
    return f"Label Studio {who}" if isinstance(who, int) else str(who or "Label Studio, nobody named")


def _time(given: object) -> float | None:
    try:
        return datetime.fromisoformat(str(given)).timestamp() if given else None
    except ValueError:
        return None


def _kept_conditions(questions: Sequence[Question], pages: Sequence[EarlierPage]) -> list[Question]:
    """Without conditions, and without the duty to answer, that what was answered does not keep to."""
    kept = []
    for one in questions:
        name, when = one.control.name, one.declaration.get("when")
        changed = dict(one.declaration)
        answered = [page for page in pages if name in page.values]
        if when and any(not _holds(when, page) for page in answered):
            del changed["when"]
        due = [page for page in pages if page.values and (not changed.get("when") or _holds(changed["when"], page))]
        if any(name not in page.values for page in due):
            changed["required"] = False
        kept.append(replace(one, declaration=changed))
    return kept


def _holds(when: Mapping[str, Any], page: EarlierPage) -> bool:
    said = page.values.get(when["question"])
    return bool({*said} & {*when["is"]}) if isinstance(said, list) else said in when["is"]


def _gold(tasks: Sequence[Task], questions: Sequence[Question]) -> dict[str, str]:
    """The ground truth of the first choice, by item."""
    choice = next((one for one in questions if one.declaration["type"] == "choice"), None)
    if choice is None:
        return {}
    truths = ((task, note) for task in tasks for note in task.annotations() if note.get("ground_truth"))
    found = {task.id: value_of(choice, task, note, None) for task, note in truths}
    return {item: str(label) for item, label in found.items() if label is not None}


def _left(config: Config, tasks: Sequence[Task]) -> Iterator[str]:
    yield from (f"<{tag}> of the configuration" for tag in config.unknown)
    yield from counted(sum(bool(task.given.get("predictions")) for task in tasks), "predictions of models for {} tasks")
    if any(one.tag == "Image" for one in config.shown):
        yield "images: their addresses are the items' texts; copy them into the folder to show them"

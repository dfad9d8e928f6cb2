"""Label Studio: tasks with their annotations as JSON, and the labelling configuration that shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from middlemost.core.nouns import Item
from middlemost.core.protocol import Protocol
from middlemost.core.questions import Choice, MultiChoice, Question, Ranking, Scale, Spans, Text
from middlemost.core.questions.ranking import listed
from middlemost.files.exports.base import Export, GivenPage, Outgoing, data_of, listing

SHOWN = "text"
ID = "item_id"
MOST_STARS = 10


def as_label_studio(given: Outgoing) -> Export:
    """Tasks; beside them the configuration as XML. Raters are named in `rater` and in the notes of each result."""
    asked = {one.id: _CONTROLS[type(one)] for one in given.protocol.questions if _fits(one)}
    left = [f"{one.id}: {_why(one)}" for one in given.protocol.questions if one.id not in asked]
    left += _lost_gold(given)
    content = listing(_task(given, item) for item in given.items)
    return Export(content, {".xml": _configuration(given.protocol)}, tuple(left))


def _fits(question: Question) -> bool:
    if isinstance(question, Ranking):
        return question.field is not None and not question.ties
    return True


def _why(question: Question) -> str:
    return "ties" if isinstance(question, Ranking) and question.ties else "declared options in an order"


def _task(given: Outgoing, item: Item) -> dict[str, object]:
    pages = given.pages.get(item.id, ())
    notes = [_annotation(given.protocol, item, page, number) for number, page in enumerate(pages, 1)]
    _mark_truth(given, item, pages, notes)
    data = data_of(item, ID)
    for one in given.protocol.questions:
        if isinstance(one, Ranking) and one.field in item.fields:
            entries = listed(item.fields[one.field]).items()
            data[one.field] = [{"id": name, "title": text} for name, text in entries]
    return {"id": item.id, "data": data, "annotations": notes}


def _mark_truth(given: Outgoing, item: Item, pages: Sequence[GivenPage], notes: list[dict[str, Any]]) -> None:
    """Label Studio knows ground truth as an annotation: the first that says what gold says."""
    main, label = given.protocol.main, given.gold.get(item.id)
    said = [page.values.get(main.id) if main else None for page in pages]
    if label is not None and label in said:
        notes[said.index(label)]["ground_truth"] = True


def _lost_gold(given: Outgoing) -> list[str]:
    main = given.protocol.main
    n = sum(
        all(page.values.get(main.id) != label for page in given.pages.get(item, ()))
        for item, label in given.gold.items()
        if main
    )
    return [f"gold labels of {n:,} items: nobody says so, and ground truth is an annotation there"] if n else []


def _annotation(protocol: Protocol, item: Item, page: GivenPage, number: int) -> dict[str, Any]:
    results = [
        result | {"meta": {"text": [page.rater]}}
        for one in protocol.questions
        if one.id in page.values and _fits(one)
        for result in _results(one, page.values[one.id], item)
    ]
    at = datetime.fromtimestamp(page.at, UTC).isoformat()
    note = {"id": f"{item.id}-{number}", "rater": page.rater, "created_at": at, "result": results}
    return note if page.seconds is None else note | {"lead_time": page.seconds}


def _results(question: Question, value: Any, item: Item) -> Iterator[dict[str, Any]]:
    kind = _CONTROLS[type(question)].lower()
    if isinstance(question, Scale):
        kind = _scale(question).lower()
    for number, said in enumerate(_VALUES[kind](value, item)):
        yield {
            "id": f"{question.id}-{number}",
            "from_name": question.id,
            "to_name": SHOWN,
            "type": kind,
            "value": said,
        }


def _spans(value: Any, item: Item) -> Iterator[dict[str, Any]]:
    for one in value:
        start, end = (_units(item.text[: one[name]]) for name in ("start", "end"))
        passage = item.text[one["start"] : one["end"]]
        yield {"start": start, "end": end, "text": passage, "labels": [one["label"]]}


def _units(text: str) -> int:
    """How many units of UTF-16 a text has: Label Studio counts in the browser."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _one(key: str, made: Callable[[Any], Any] = lambda value: value) -> Callable[[Any, Item], list[dict[str, Any]]]:
    return lambda value, _: [{key: made(value)}]


_VALUES: dict[str, Callable[[Any, Item], Any]] = {
    "choices": _one("choices", lambda value: value if isinstance(value, list) else [value]),
    "rating": _one("rating", int),
    "number": _one("number"),
    "textarea": _one("text", lambda value: [value]),
    "ranker": _one("ranker", lambda value: {"order": [one for group in value for one in group]}),
    "labels": _spans,
}
_CONTROLS: dict[type[Question], str] = {
    Choice: "Choices",
    MultiChoice: "Choices",
    Scale: "Number",
    Spans: "Labels",
    Ranking: "Ranker",
    Text: "TextArea",
}


def _scale(question: Scale) -> str:
    """A few whole points from 1 on are stars, all else is a number."""
    stars = question.look == "likert" and question.min == 1 and (question.max or 0) <= MOST_STARS
    return "Rating" if stars and question.step in (None, 1) else "Number"


def _configuration(protocol: Protocol) -> bytes:
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Text", name=SHOWN, value=f"${SHOWN}")
    for one in protocol.questions:
        if not _fits(one):
            continue
        ElementTree.SubElement(view, "Header", value=one.ask)
        if isinstance(one, Ranking):
            ElementTree.SubElement(view, "List", name=f"{one.id}_list", value=f"${one.field}", title=one.ask)
        _control(view, one)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode").encode() + b"\n"


def _control(view: ElementTree.Element, question: Question) -> None:
    tag = _scale(question) if isinstance(question, Scale) else _CONTROLS[type(question)]
    about = f"{question.id}_list" if isinstance(question, Ranking) else SHOWN
    control = ElementTree.SubElement(view, tag, name=question.id, toName=about)
    if question.required:
        control.set("required", "true")
    if question.when:
        control.attrib |= {
            "visibleWhen": "choice-selected",
            "whenTagName": question.when.question,
            "whenChoiceValue": ",".join(question.when.is_),
        }
    if isinstance(question, Scale):
        _ends(control, question, tag)
    if isinstance(question, Choice | MultiChoice):
        control.set("choice", "multiple" if isinstance(question, MultiChoice) else "single")
    option = "Label" if isinstance(question, Spans) else "Choice"
    for one in () if isinstance(question, Ranking) else question.declared():
        made = ElementTree.SubElement(control, option, value=one.text)
        if one.text != one.id:
            made.set("alias", one.id)


def _ends(control: ElementTree.Element, question: Scale, tag: str) -> None:
    if tag == "Rating":
        control.set("maxRating", str(int(question.max or 5)))
        return
    for name in ("min", "max", "step"):
        if (value := getattr(question, name)) is not None:
            control.set(name, f"{value:g}")

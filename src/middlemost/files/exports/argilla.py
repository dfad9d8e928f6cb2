"""Argilla: records as JSON, with each rater's responses; beside them the questions as its settings declare them."""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from middlemost.core.questions import Choice, MultiChoice, Question, Ranking, Scale, Spans, Text
from middlemost.files.exports.base import Export, Outgoing, listing

MOST_RATING = 10


def as_argilla(given: Outgoing) -> Export:
    """Records; beside them `.settings.json`. A user's id follows from the pseudonym, which `metadata` spells out."""
    questions = {one.id: made for one in given.protocol.questions if (made := _declared(one))}
    left = [f"{one.id}: {_WHY}" for one in given.protocol.questions if one.id not in questions]
    records = listing(_record(given, item, questions) for item in given.items)
    settings = {
        "guidelines": None,
        "fields": [{"name": "text", "title": "Text", "required": True, "settings": {"type": "text"}}],
        "questions": list(questions.values()),
        "allow_extra_metadata": True,
    }
    declared = json.dumps(settings, ensure_ascii=False, indent=1).encode()
    return Export(records, {".settings.json": declared}, tuple(left))


_WHY = "Argilla has ratings of whole numbers from 0 to 10, and rankings of declared options"


def _record(given: Outgoing, item: Any, questions: dict[str, Any]) -> dict[str, object]:
    pages = given.pages.get(item.id, ())
    responses: dict[str, list[dict[str, object]]] = {name: [] for name in questions}
    for page in pages:
        if page.round != 1:
            continue  # of each user Argilla holds one response
        for one in given.protocol.questions:
            if one.id in questions and one.id in page.values:
                user = str(uuid5(NAMESPACE_OID, page.rater))
                value = _value(one, page.values[one.id])
                responses[one.id].append({"value": value, "user_id": user, "status": "submitted"})
    plain = {name: value for name, value in item.fields.items() if isinstance(value, str | int | float)}
    metadata = plain | {"raters": [page.rater for page in pages if page.round == 1]}
    return {"id": item.id, "fields": {"text": item.text}, "metadata": metadata, "responses": responses}


def _value(question: Question, value: Any) -> Any:
    if isinstance(question, Ranking):
        return [{"value": one, "rank": rank} for rank, group in enumerate(value, 1) for one in group]
    return value


def _declared(question: Question) -> dict[str, object] | None:
    """The question as Argilla's settings have it, None where they have none like it."""
    asked = _settings(question)
    if asked is None:
        return None
    return {"name": question.id, "title": question.ask, "required": question.required, "settings": asked}


def _settings(question: Question) -> dict[str, object] | None:
    options = [{"value": one.id, "text": one.text} for one in question.declared()]
    if isinstance(question, Choice):
        return {"type": "label_selection", "options": options}
    if isinstance(question, MultiChoice):
        return {"type": "multi_label_selection", "options": options}
    if isinstance(question, Spans):
        return {"type": "span", "field": "text", "options": options, "allow_overlapping": question.overlap}
    if isinstance(question, Text):
        return {"type": "text"}
    if isinstance(question, Ranking):
        return {"type": "ranking", "options": options} if options and question.top is None else None
    return _rating(question) if isinstance(question, Scale) else None


def _rating(question: Scale) -> dict[str, object] | None:
    least, most = question.min, question.max
    if question.look != "likert" or least is None or most is None or not 0 <= least <= most <= MOST_RATING:
        return None
    if question.step not in (None, 1) or least != int(least):
        return None
    return {"type": "rating", "options": [{"value": n} for n in range(int(least), int(most) + 1)]}

"""doccano: a line an item and rater, in the form of the one question that a doccano project has."""

from __future__ import annotations

from typing import Any

from middlemost.core.questions import Choice, MultiChoice, Question, Spans, Text
from middlemost.files.exports.base import Export, Outgoing, data_of, line


def as_doccano(given: Outgoing) -> Export:
    """JSON Lines: `text`, `label` (names, or start, end, name; offsets in code points), the rater, the item's fields.

    doccano asks one question: the first that it can hold. An item without answers is a line without labels.
    """
    questions = given.protocol.questions
    taken = next((one for one in questions if isinstance(one, Choice | MultiChoice | Spans | Text)), None)
    left = [f"{one.id}: doccano asks one question" for one in questions if one is not taken]
    lines = []
    for item in given.items:
        data = data_of(item, "item")
        said = [
            data | {"rater": page.rater, "round": page.round, "label": _label(taken, page.values[taken.id])}
            for page in given.pages.get(item.id, ())
            if taken is not None and taken.id in page.values
        ]
        lines += [line(one) for one in said or [data | {"label": []}]]
    return Export(b"".join(lines), {}, tuple(left))


def _label(question: Question, value: Any) -> list[Any]:
    if isinstance(question, Spans):
        return [[one["start"], one["end"], one["label"]] for one in value]
    return list(value) if isinstance(value, list) else [value]

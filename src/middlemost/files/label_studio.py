"""Label Studio's JSON export: tasks that hold their annotations, as one flat row an answer."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def flatten(rows: list[Row]) -> list[Row]:
    """Rows of a JSON export: one for each choice of each annotation; anything else is returned as it is.

    >>> task = {"id": 7, "annotations": [{"completed_by": 3, "lead_time": 4.2, "result": [
    ...     {"from_name": "tone", "type": "choices", "value": {"choices": ["kind"]}}]}]}
    >>> flatten([task])
    [{'item': 7, 'rater': 3, 'answer': ['kind'], 'question': 'tone', 'seconds': 4.2}]
    """
    if not any("annotations" in row for row in rows):
        return rows
    return [answer for row in rows for note in row.get("annotations") or () for answer in _choices(row, note)]


def _choices(task: Row, annotation: Row) -> list[Row]:
    who = annotation.get("completed_by")
    rater = who.get("id") if isinstance(who, dict) else who
    return [
        {
            "item": task.get("id"),
            "rater": rater,
            "answer": result["value"]["choices"],
            "question": result.get("from_name"),
            "seconds": annotation.get("lead_time"),
        }
        for result in annotation.get("result") or ()
        if result.get("type") == "choices" and not annotation.get("was_cancelled")
    ]

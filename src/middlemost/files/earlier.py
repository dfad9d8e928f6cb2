"""Answers given before, elsewhere, from a long table: item, rater, answer [, question, round, time, seconds]."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from middlemost.core.canonical import canonical
from middlemost.core.earlier import EarlierPage
from middlemost.core.memory import uncollected
from middlemost.core.questions import Question
from middlemost.core.values import CODE, NUMBER, TEXT
from middlemost.errors import InputError, did_you_mean
from middlemost.files.answers import Long, long_table
from middlemost.files.table import read_table

Row = dict[str, Any]


def read_earlier(path: str | Path, questions: Sequence[Question]) -> list[EarlierPage]:
    """The answers of a file as pages: what a rater said of an item in a round.

    Without a column `question` they are about the first one. A choice or a text stands as it is, a number as a number,
    all else as JSON, as it is in the answers.parquet of a release. InputError with the line.
    """
    with uncollected():
        long = long_table(read_table(path), None, "error")
        rows = sorted(_rows(long, questions), key=_page)
        return [_made(page, list(said)) for page, said in groupby(rows, key=_page)]


def _page(row: Row) -> tuple[str, str, int]:
    return row["item"], row["rater"], row["round"]


def _rows(long: Long, questions: Sequence[Question]) -> Iterator[Row]:
    known = {one.id: one for one in questions}
    for number, row in enumerate(long.frame().iter_rows(named=True)):
        asked = row.get("question") or questions[0].id
        if asked not in known:
            mend = did_you_mean(asked, list(known), otherwise="The questions are: ")
            place = long.table.place(number, long.found["question"], asked)
            raise InputError("There is no such question.", place=place, mend=mend)
        value, at = _value(known[asked], row["answer"]), _time(row.get("time"))
        if value is None:
            place = long.table.place(number, long.found["answer"], row["answer"])
            expected = "a number" if known[asked].kind is NUMBER else "JSON, as a release writes it"
            raise InputError(f"Expected {expected}.", place=place)
        if at is None and row.get("time") is not None:
            place = long.table.place(number, long.found["time"], row["time"])
            raise InputError("This is no time.", place=place, mend="Write it as in 2026-11-24T09:30:00Z.")
        yield row | {"question": asked, "value": value, "at": at, "round": row.get("round") or 1}


def _made(page: tuple[str, str, int], said: Sequence[Row]) -> EarlierPage:
    item, rater, turn = page
    values: dict[str, object] = {}
    for row in said:
        if row["question"] in values:
            message = f"{rater} answers {row['question']!r} of item {item!r} twice."
            raise InputError(message, mend="Keep one answer, or give the second one a `round`.")
        values[row["question"]] = row["value"]
    content = canonical([item, rater, turn, values])
    key = f"earlier-{hashlib.sha256(content.encode()).hexdigest()[:32]}"
    return EarlierPage(item, rater, values, key, said[0]["at"], said[0].get("seconds"), turn)


def _value(question: Question, text: str) -> Any:
    if question.kind in (CODE, TEXT):
        return text
    try:
        return float(text) if question.kind is NUMBER else json.loads(text)
    except ValueError:
        return None


def _time(given: str | None) -> float | None:
    """Unix seconds; a time that says no zone is in UTC."""
    if given is None:
        return None
    try:
        return float(given)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()

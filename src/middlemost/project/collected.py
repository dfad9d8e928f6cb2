"""The answers of a project, as the methods and the release take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.core.answers import Answers, encode
from middlemost.core.gold import Gold, as_gold
from middlemost.project.folder import Project
from middlemost.store import answers, samples
from middlemost.store.sql import Row

GOLD = ("item", "label", "drawn", "source")
_LATEST: dict[str, type[pl.DataType]] = {
    "item": pl.String,
    "rater": pl.String,
    "answer": pl.String,
    "round": pl.Int32,
    "time": pl.Float64,
    "seconds": pl.Float64,
}
_COUNTED: dict[str, type[pl.DataType]] = {
    "item": pl.String,
    "rater": pl.String,
    "question": pl.String,
    "answer": pl.String,
    "round": pl.Int32,
    "revision": pl.Int32,
    "started_at": pl.Float64,
    "submitted_at": pl.Float64,
    "active_ms": pl.Int64,
    "guideline_version": pl.Int32,
    "protocol_hash": pl.String,
    "is_gold": pl.Boolean,
    "shown_order": pl.String,
    "surplus": pl.Boolean,
}
_LONG = _COUNTED | {"stands": pl.Boolean}


def collected(project: Project, question: str | None = None) -> Answers | None:
    """The answers to a question (the first) that count: newest revisions, all rounds, no surplus. None without any."""
    asked = question or project.protocol.question.id
    return answers_of(project.store.read(answers.latest, asked), asked)


def answers_of(rows: Sequence[Row], question: str) -> Answers | None:
    """The same from rows of `store.answers.latest`."""
    return encode(_frame(rows, _LATEST), repeats="all", question=question) if rows else None


def timed_answers(project: Project, question: str) -> tuple[Answers | None, NDArray[np.float64]]:
    """As `collected`, with the time of each answer (Unix seconds)."""
    rows = project.store.read(answers.latest, question)
    return answers_of(rows, question), np.array([row[4] for row in rows], dtype=np.float64)


def long_table(rows: Sequence[Row]) -> pl.DataFrame:
    """Every revision of every answer from rows of `store.answers.every`; `stands` marks the newest revisions.

    Times are in UTC; `shown_order` lists the options in the order that the rater saw.
    """
    frame = _frame(rows, _LONG)
    return frame.with_columns(
        utc("started_at"), utc("submitted_at"), pl.col("shown_order").str.json_decode(pl.List(pl.String))
    )


def counted_table(rows: Sequence[Row]) -> pl.DataFrame:
    """The same from rows of `store.going_out`, all of which stand; `shown_order` is JSON still."""
    return _frame(rows, _COUNTED).with_columns(utc("started_at"), utc("submitted_at"))


def marked(table: pl.DataFrame, known: Sequence[tuple[str, ...]]) -> pl.DataFrame:
    """A long table with all items of `store.samples.known_labels` as gold, those of a review among them."""
    return table.with_columns(pl.col("is_gold") | pl.col("item").is_in([item for item, *_ in known]))


def gold(project: Project) -> Gold | None:
    """The gold of the project, with what was decided blind on items drawn at random; None if it has none."""
    return gold_of(project.store.read(samples.known_labels))


def gold_of(rows: Sequence[tuple[str, str, str, str]]) -> Gold | None:
    """The same from rows of `store.samples.known_labels`."""
    return as_gold(_frame(rows, dict.fromkeys(GOLD, pl.String))) if rows else None


def _frame(rows: Sequence[Row] | Sequence[tuple[str, ...]], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    series = (pl.Series(name, column, dtype=kind) for (name, kind), column in zip(schema.items(), columns, strict=True))
    return pl.DataFrame(list(series))


def utc(name: str) -> pl.Expr:
    """A column of Unix seconds as times in UTC."""
    return (pl.col(name) * 1e6).round().cast(pl.Int64).cast(pl.Datetime("us", "UTC")).alias(name)

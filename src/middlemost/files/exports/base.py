"""What every export is made from, and what it gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from middlemost.core.nouns import Item
from middlemost.core.page import values
from middlemost.core.protocol import Protocol
from middlemost.core.values import Value
from middlemost.files.datasheet import Facts


@dataclass(frozen=True)
class GivenPage:
    """What one rater (a pseudonym) said of an item, by question; `seconds` of active time, where they are known."""

    rater: str
    round: int
    values: Mapping[str, Value]
    at: float
    seconds: float | None


@dataclass(frozen=True, eq=False)
class Released:
    """What a release consists of: its `files` by path, what is known of them, and the items as they are."""

    files: Mapping[str, bytes]
    facts: Facts
    items: tuple[Item, ...]


@dataclass(frozen=True, eq=False)
class Outgoing:
    """A project on its way out: its items, gold by item, and the answers that stand as the long table.

    `release` makes what it would release, for formats that hold more than the answers.
    """

    protocol: Protocol
    items: tuple[Item, ...]
    gold: Mapping[str, str]
    table: pl.DataFrame
    release: Callable[[], Released] | None = None

    @cached_property
    def pages(self) -> Mapping[str, tuple[GivenPage, ...]]:
        """By item, what each rater said in each round."""
        said: dict[tuple[str, str, int], dict[str, str]] = {}
        times: dict[tuple[str, str, int], tuple[float, float | None]] = {}
        frame = self.table.select(
            "item", "rater", "round", "question", "answer", _seconds("submitted_at"), pl.col("active_ms") / 1000
        )
        for item, rater, turn, question, text, at, seconds in frame.iter_rows():
            said.setdefault((item, rater, turn), {})[question] = text
            times[item, rater, turn] = at, seconds
        pages: dict[str, list[GivenPage]] = {}
        for (item, rater, turn), texts in said.items():
            given = values(self.protocol.questions, texts)
            pages.setdefault(item, []).append(GivenPage(rater, turn, given, *times[item, rater, turn]))
        return {item: tuple(some) for item, some in pages.items()}

    @property
    def n_pages(self) -> int:
        """How many pages there are."""
        return self.table.select("item", "rater", "round").n_unique()


def _seconds(name: str) -> pl.Expr:
    return pl.col(name).dt.epoch("us") / 1e6


@dataclass(frozen=True)
class Export:
    """The bytes of the file, of files beside it by their suffix, and what could not be taken along, in words.

    Where the format is a folder, `inside` holds its files by path, and `content` is the zip file of them.
    """

    content: bytes
    beside: Mapping[str, bytes]
    left: tuple[str, ...] = ()
    inside: Mapping[str, bytes] = field(default_factory=dict)


def data_of(item: Item, name: str) -> dict[str, object]:
    """The fields of an item with its text and id, which is called `name` there."""
    return {**item.fields, "text": item.text, name: item.id}


def line(record: Mapping[str, object]) -> bytes:
    """A line of JSON Lines."""
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def listing(records: Iterable[Mapping[str, object]]) -> bytes:
    """A JSON list with a record a line."""
    return b"[\n" + b",\n".join(line(record).rstrip(b"\n") for record in records) + b"\n]\n"

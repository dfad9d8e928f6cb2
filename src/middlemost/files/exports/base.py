"""What every export is made from, and what it gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from middlemost.core.nouns import Item
from middlemost.core.protocol import Protocol
from middlemost.core.values import Value


@dataclass(frozen=True)
class GivenPage:
    """What one rater (a pseudonym) said of an item, by question; `seconds` of active time, where they are known."""

    rater: str
    round: int
    values: Mapping[str, Value]
    at: float
    seconds: float | None


@dataclass(frozen=True)
class Outgoing:
    """A project on its way out: its items, the pages that stand by item, and the same answers as the long table."""

    protocol: Protocol
    items: tuple[Item, ...]
    pages: Mapping[str, tuple[GivenPage, ...]]
    gold: Mapping[str, str]
    table: pl.DataFrame


@dataclass(frozen=True)
class Export:
    """The bytes of the file, of files beside it by their suffix, and what could not be taken along, in words."""

    content: bytes
    beside: Mapping[str, bytes]
    left: tuple[str, ...] = ()


def data_of(item: Item, name: str) -> dict[str, object]:
    """The fields of an item with its text and id, which is called `name` there."""
    return {**item.fields, "text": item.text, name: item.id}


def line(record: Mapping[str, object]) -> bytes:
    """A line of JSON Lines."""
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"

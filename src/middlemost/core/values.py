"""What an answer can be. Each kind of value is coded once, here: as JSON has it, and as the text that is stored.

The text is canonical: two answers that say the same have the same text, so that texts can be compared and counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypedDict


class Span(TypedDict):
    """A labelled range of an item's text, from `start` up to but not with `end`, counted in Unicode code points."""

    start: int
    end: int
    label: str


Value: TypeAlias = str | int | float | list[str] | list[Span] | list[list[str]]
Page: TypeAlias = Mapping[str, Value]  # what one rater says of one item: value by question


@dataclass(frozen=True)
class Kind:
    """A kind of value: `text` gives what is stored of a value, `value` the value back."""

    name: str
    text: Callable[[Any], str]
    value: Callable[[str], Any]


def number_text(value: float) -> str:
    """A number without a point where it is whole.

    >>> number_text(7.0), number_text(0.25), number_text(-0.0)
    ('7', '0.25', '0')
    """
    return str(int(value)) if value == int(value) else repr(float(value))


def number(text: str) -> int | float:
    """The number back.

    >>> number("7"), number("0.25")
    (7, 0.25)
    """
    value = float(text)
    return int(value) if value.is_integer() else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


CODE = Kind("code", str, str)
NUMBER = Kind("number", number_text, number)
SET = Kind("set", _json, json.loads)
SPANS = Kind("spans", _json, json.loads)
ORDER = Kind("order", _json, json.loads)
TEXT = Kind("text", str, str)

"""Labelled ranges of the item's text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from middlemost.core.declared import Mistake, Option, doubled
from middlemost.core.nouns import Item
from middlemost.core.questions.base import Question, texts
from middlemost.core.values import SPANS, Kind, Span

MOST_SPANS = 1000
KEYS = {"start", "end", "label"}


class Spans(Question):
    """A question whose answer marks passages of the item's text, each with a label.

    Offsets count Unicode code points, as Python does: neither bytes nor the halves of UTF-16.
    """

    kind: ClassVar[Kind] = SPANS
    example: ClassVar[str] = """\
- id: names
  type: spans
  ask: Mark every person and every place.
  overlap: no                   # yes: a passage may lie in another
  min: 0                        # a text without any is an answer too
  labels:
    - {id: person, label: Person}
    - {id: place, label: Place}
"""

    type: Literal["spans"]
    labels: Annotated[list[Option], Field(min_length=1, max_length=100, description="What a passage can be, in order.")]
    overlap: bool = Field(False, description="Whether passages may overlap: yes or no.")
    min: int = Field(0, ge=0, le=MOST_SPANS, description="The fewest passages; with 0 none is an answer too.")
    max: int | None = Field(None, ge=1, le=MOST_SPANS, description="The most passages.")

    def accept(self, given: object, item: Item) -> list[Span]:
        """Spans by start, end and label."""
        if not isinstance(given, list):
            self._refuse("The answer is a list of passages: start, end, label.", given)
        spans = sorted((self._span(one, len(item.text)) for one in given), key=_place)
        self._require_number(len(spans))
        for one, following in pairwise(spans):
            if one == following:
                self._refuse("A passage is marked twice alike.", one)
            if not self.overlap and following["start"] < one["end"]:
                self._refuse("Two passages overlap.", following, "Passages may not overlap here.")
        return spans

    def _span(self, given: object, length: int) -> Span:
        if not isinstance(given, dict) or set(given) != KEYS:
            self._refuse("A passage has start, end and label.", given)
        start, end = given["start"], given["end"]
        if not _whole(start) or not _whole(end) or not 0 <= start < end <= length:
            mend = f"Count code points; the text has {length}."
            self._refuse("This passage does not lie in the item's text.", given, mend)
        return Span(start=start, end=end, label=self._known(given["label"], self.shown()))

    def _require_number(self, n: int) -> None:
        if n < self.min:
            self._refuse(f"At least {self.min} must be marked.", n)
        if n > (self.max or MOST_SPANS):
            self._refuse(f"At most {self.max or MOST_SPANS} can be marked.", n)

    def of_item(self) -> bool:
        """Passages lie in a text."""
        return True

    def fits(self, value: Any) -> bool:
        """Whether all labels are there."""
        return {one["label"] for one in value} <= set(self.shown())

    def mistakes(self) -> Iterator[Mistake]:
        """Labels with one id, numbers that cannot be."""
        yield from doubled(self.labels, lambda label: label.id, "labels", "labels")
        if self.max is not None and self.max < self.min:
            yield Mistake(("max",), f"`max` is below `min`, which is {self.min}.", "Exchange them.")

    def declared(self) -> Sequence[Option]:
        """What is declared."""
        return self.labels

    def words(self, value: Any) -> str:
        """Where what was marked."""
        read = texts(self.labels)
        marked = (f"{one['start']}–{one['end']} {read.get(one['label'], one['label'])}" for one in value)
        return ", ".join(marked) or "nothing marked"


def quoted(text: str, spans: Sequence[Span]) -> list[tuple[str, str]]:
    """(passage, label) of each span.

    >>> quoted("the 🐂 ox", [{"start": 4, "end": 5, "label": "sign"}])
    [('🐂', 'sign')]
    """
    return [(text[one["start"] : one["end"]], one["label"]) for one in spans]


def _place(span: Span) -> tuple[int, int, str]:
    return span["start"], span["end"], span["label"]


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

"""A point on a scale."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from middlemost.core.declared import Mistake, Words
from middlemost.core.nouns import Item
from middlemost.core.questions.base import Question
from middlemost.core.values import NUMBER, Kind, number, number_text

MOST_POINTS = 21
LARGEST = 1e15


def _sane(value: float) -> float:
    if not abs(value) <= LARGEST:
        raise ValueError(f"a number between -{LARGEST:g} and {LARGEST:g}")
    return value


Number = Annotated[float, AfterValidator(_sane)]


class Scale(Question):
    """A question whose answer is a number: a few points to choose from, a number to write, or a slider."""

    kind: ClassVar[Kind] = NUMBER
    example: ClassVar[str] = """\
- id: helpful
  type: scale
  look: likert                  # points to choose from; `number`: a field; `slider`: a line
  ask: How helpful is this reply?
  min: 1
  max: 7
  anchors: {1: not at all, 7: completely}
- id: weight
  type: scale
  look: number
  ask: How heavy is the ox?
  min: 0
  step: 0.5                     # any number if left out
  unit: kg
- id: warmth
  type: scale
  look: slider                  # begins without a position: none is suggested
  ask: How warm does this sound?
  min: 0
  max: 100
  anchors: {0: ice-cold, 100: burning}
"""

    type: Literal["scale"]
    look: Literal["likert", "number", "slider"] = Field("likert", description="How raters give the number.")
    min: Number | None = Field(None, description="The least answer; needed but for a number.")
    max: Number | None = Field(None, description="The greatest answer; needed but for a number.")
    step: Annotated[Number, Field(gt=0)] | None = Field(
        None,
        description="Answers lie whole steps from `min`. If absent 1 (likert), a hundredth (slider), none (number).",
    )
    unit: Words | None = Field(None, description="What is counted: kg, minutes.")
    anchors: dict[Number, Words] = Field({}, description="Words for points of the scale, usually its ends.")

    def accept(self, given: object, item: Item) -> float:
        """A number on the scale."""
        if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= LARGEST:
            self._refuse("The answer is a number.", given)
        if self.min is not None and given < self.min:
            self._refuse(f"The answer is at least {number_text(self.min)}.", given)
        if self.max is not None and given > self.max:
            self._refuse(f"The answer is at most {number_text(self.max)}.", given)
        if not self._on_step(given):
            self._refuse(f"The answer goes in steps of {number_text(self.size or 1)}.", given)
        return given + 0.0

    def fits(self, value: Any) -> bool:
        """Whether it lies on the scale."""
        low, high = self.min, self.max
        return (low is None or value >= low) and (high is None or value <= high) and self._on_step(value)

    def mistakes(self) -> Iterator[Mistake]:
        """Ends that are missing or exchanged, points that are too many, anchors beside the scale."""
        if self.look != "number" and (self.min is None or self.max is None):
            key = "min" if self.min is None else "max"
            yield Mistake((key,), f"A {self.look} scale needs `{key}`.", f"For example: {key}: {self._usual(key)}.")
        elif self.min is not None and self.max is not None:
            yield from self._span(self.min, self.max)
        for at in self.anchors:
            if not self.fits(at):
                yield Mistake(("anchors", number_text(at)), f"{at:g} is no point of this scale.", at_key=True)

    def _usual(self, key: str) -> int:
        ends = {"likert": (1, 5), "slider": (0, 100), "number": (0, 100)}[self.look]
        return ends[key == "max"]

    def _span(self, low: float, high: float) -> Iterator[Mistake]:
        if high <= low:
            yield Mistake(("max",), f"`max` has to be above `min`, which is {number_text(low)}.", "Exchange them.")
        elif self.look == "likert" and (high - low) / (self.size or 1) + 1 > MOST_POINTS:
            yield Mistake(("max",), f"That is more than {MOST_POINTS} points.", "Make it a slider or a number.")
        elif not self._on_step(high):
            yield Mistake(("step",), "`max` is not a whole number of steps from `min`.")

    @property
    def size(self) -> float | None:
        """How far two neighbouring answers are apart; None where any number will do."""
        if self.step is not None or self.look == "number" or self.min is None or self.max is None:
            return self.step
        return 1.0 if self.look == "likert" else (self.max - self.min) / 100

    def _on_step(self, value: float) -> bool:
        if self.size is None:
            return True
        start = Decimal(number_text(self.min or 0.0))
        return (Decimal(number_text(value)) - start) % Decimal(number_text(self.size)) == 0

    def points(self) -> list[int | float]:
        """The points to choose from, as a Likert scale has them."""
        low, high, step = (Decimal(number_text(one or 0.0)) for one in (self.min, self.max, self.size))
        return [number(str(low + step * n)) for n in range(int((high - low) / step) + 1)] if step else []

    def codes(self) -> None:
        """Numbers."""
        return

    def says(self, value: Any, code: str) -> bool:
        """Whether it is that number."""
        return bool(value == float(code))

    def spec(self) -> dict[str, Any]:
        """With the points to choose from, how far apart answers are, and anchors by the text of their number."""
        points = self.points() if self.look == "likert" else None
        worked_out = {"points": points, "size": self.size}
        return super().spec() | worked_out | {"anchors": {number_text(at): said for at, said in self.anchors.items()}}

    def words(self, value: Any) -> str:
        """The number with its unit, or with the words for it."""
        known = self.anchors.get(float(value))
        shown = number_text(value) + (f" {self.unit}" if self.unit else "")
        return f"{shown} ({known})" if known else shown

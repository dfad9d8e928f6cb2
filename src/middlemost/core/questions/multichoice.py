"""Any number of answers out of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from middlemost.core.declared import Mistake, Option, doubled
from middlemost.core.nouns import Item
from middlemost.core.questions.base import Question, Shuffle, shuffled, texts
from middlemost.core.values import SET, Kind


class MultiChoice(Question):
    """A question with several answers out of a list, in no order."""

    kind: ClassVar[Kind] = SET
    example: ClassVar[str] = """\
- id: kinds
  type: multichoice
  ask: Which kinds of harm does it do?
  min: 1                        # 0: none of them is an answer too
  max: 2                        # as many as there are options if left out
  when: {question: harmful, is: ["yes"]}
  options:
    - {id: insult, label: An insult}
    - {id: threat, label: A threat}
    - {id: slur, label: A slur, hint: "section 3"}
"""

    type: Literal["multichoice"]
    options: Annotated[list[Option], Field(min_length=1, max_length=100, description="The possible answers, in order.")]
    min: int = Field(1, ge=0, le=100, description="The fewest that can be chosen; 0 makes none of them an answer.")
    max: int | None = Field(None, ge=1, le=100, description="The most that can be chosen; all of them if absent.")
    shuffle: Shuffle = False

    def accept(self, given: object, item: Item) -> list[str]:
        """Option ids, each once, in the order of the options."""
        if not isinstance(given, list):
            self._refuse("The answer is a list of options.", given)
        chosen = {self._known(one, self.shown()) for one in given}
        if len(chosen) < len(given):
            self._refuse("An option is given twice.", given)
        if len(chosen) < self.min:
            self._refuse(f"At least {self.min} must be chosen.", given)
        if len(chosen) > self.most:
            self._refuse(f"At most {self.most} can be chosen.", given)
        return [option for option in self.shown() if option in chosen]

    def fits(self, value: Any) -> bool:
        """Whether all are options."""
        return set(value) <= set(self.shown())

    def mistakes(self) -> Iterator[Mistake]:
        """Options with one id, numbers that cannot be."""
        yield from doubled(self.options, lambda option: option.id, "options", "options")
        if self.min > len(self.options):
            yield Mistake(("min",), f"There are only {len(self.options)} options.", "Ask for fewer.")
        if self.max is not None and self.max < self.min:
            yield Mistake(("max",), f"`max` is below `min`, which is {self.min}.", "Exchange them.")

    @property
    def most(self) -> int:
        """The most that can be chosen."""
        return len(self.options) if self.max is None else self.max

    def codes(self) -> tuple[str, ...]:
        """The options."""
        return self.shown()

    def says(self, value: Any, code: str) -> bool:
        """Whether `code` is among the chosen."""
        return code in value

    def declared(self) -> Sequence[Option]:
        """What is declared."""
        return self.options

    def arranged(self, by: str) -> Self:
        """With its options in this rater's order."""
        return self.model_copy(update={"options": shuffled(self.options, f"{by} {self.id}")}) if self.shuffle else self

    def words(self, value: Any) -> str:
        """The labels."""
        read = texts(self.options)
        return ", ".join(read.get(one, one) for one in value) or "none of them"

"""An order of several things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal, Self

from pydantic import Field

from middlemost.core.declared import Mistake, Option, Words, doubled
from middlemost.core.nouns import Item
from middlemost.core.questions.base import Question, Shuffle, shuffled, texts
from middlemost.core.values import ORDER, Kind

MOST_ENTRIES = 50


class Ranking(Question):
    """A question whose answer puts things in order, best first: declared options, or a list that each item brings."""

    kind: ClassVar[Kind] = ORDER
    example: ClassVar[str] = """\
- id: best
  type: ranking
  ask: Which replies help most? Best first.
  field: replies                # a list in each item's file; or `options`, as a choice has them
  ties: yes                     # two may share a rank
  top: 3                        # only the three best are asked for; all of them if left out
"""

    type: Literal["ranking"]
    options: list[Option] | None = Field(
        None, min_length=2, max_length=MOST_ENTRIES, description="What is put in order, the same for all items."
    )
    field: Words | None = Field(None, description="The field of an item that holds the list to be put in order.")
    ties: bool = Field(False, description="Whether several may share a rank: yes or no.")
    top: int | None = Field(
        None, ge=1, le=MOST_ENTRIES, description="How many of the best are asked for; all if absent."
    )
    shuffle: Shuffle = False

    def accept(self, given: object, item: Item) -> list[list[str]]:
        """Groups of ids, the best first; those of a group share a rank, in the order of the options."""
        if not isinstance(given, list) or not all(isinstance(group, list) and group for group in given):
            self._refuse("The answer is a list of ranks, each a list of what shares it.", given)
        known = list(self.entries(item))
        ranked = [self._known(one, known) for group in given for one in group]
        if len(set(ranked)) < len(ranked):
            self._refuse("Something is ranked twice.", given)
        if not self.ties and len(given) < len(ranked):
            self._refuse("Two share a rank, which they may not here.", given)
        self._require_number(len(ranked), len(given[-1]) if given else 0, len(known))
        return [sorted(group, key=known.index) for group in given]

    def _require_number(self, n: int, last: int, known: int) -> None:
        wanted = min(self.top or known, known)
        if n < wanted:
            self._refuse(f"{wanted} are to be ranked, not {n}.", n)
        if self.top and n - last >= wanted:
            self._refuse(f"Only the first {wanted} are to be ranked.", n)

    def entries(self, item: Item) -> dict[str, str]:
        """What is put in order, as raters read it, by id. A list of an item without ids counts from 1."""
        if self.options is not None:
            return texts(self.options)
        return listed(item.fields.get(self.field or ""))

    def of_item(self) -> bool:
        """Whether each item brings its own list."""
        return self.options is None

    def fits(self, value: Any) -> bool:
        """Whether all are there still."""
        return self.options is None or {one for group in value for one in group} <= set(self.shown())

    def mistakes(self) -> Iterator[Mistake]:
        """Neither options nor a field, or both."""
        if self.options is None and self.field is None:
            yield Mistake(
                ("options",), "A ranking needs `options`, or the `field` of the items that holds a list.", None
            )
        elif self.options is not None and self.field is not None:
            yield Mistake(("field",), "A ranking has `options` or a `field`, not both.", "Leave one out.")
        if self.shuffle and self.options is None:
            message = "`shuffle` is about declared options: the items' own lists are shown as they stand."
            yield Mistake(("shuffle",), message, "Leave it out.")
        yield from doubled(self.options or [], lambda option: option.id, "options", "options")

    def declared(self) -> Sequence[Option]:
        """What is declared."""
        return self.options or ()

    def arranged(self, by: str) -> Self:
        """With its options in this rater's order."""
        if not self.shuffle or self.options is None:
            return self
        return self.model_copy(update={"options": shuffled(self.options, f"{by} {self.id}")})

    def words(self, value: Any) -> str:
        """The order, best first."""
        read = texts(self.options or [])
        return " > ".join(" = ".join(read.get(one, one) for one in group) for group in value)


def listed(entries: object) -> dict[str, str]:
    """The entries of an item's list by id: texts count from 1, objects have `id` and `text`. Empty for anything else.

    >>> listed(["one", "two"]), listed([{"id": "a", "text": "one"}]), listed("one")
    ({'1': 'one', '2': 'two'}, {'a': 'one'}, {})
    """
    if not isinstance(entries, list):
        return {}
    found: dict[str, str] = {}
    for place, entry in enumerate(entries, 1):
        given = entry if isinstance(entry, dict) else {"id": str(place), "text": entry}
        name, text = str(given.get("id", place)), given.get("text")
        if not isinstance(text, str) or not text.strip() or name in found:
            return {}
        found[name] = text
    return found

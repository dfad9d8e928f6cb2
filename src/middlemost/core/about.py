"""What raters may say of themselves (demographics), and how groups of them are counted so that nobody is found out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field

from middlemost.core.declared import Declared, Id, Mistake, Option, Words, doubled

Release: TypeAlias = Literal["nothing", "counts", "rows"]
RELEASES: tuple[Release, ...] = get_args(Release)  # each releases what the one before does, and more
LEAST = 5  # a group of fewer raters is never shown as a number
TOGETHER = 5  # answers are counted by so many raters at a time, that nobody's shows as it comes in
RATER = "rater"  # a column of what is released


class AboutQuestion(Declared):
    """A question to raters about themselves. Each can be left out."""

    id: Id = Field(description="Names the question in what is released.")
    ask: Words = Field(description="The question as raters read it.")
    options: Annotated[
        list[Option], Field(min_length=2, max_length=30, description="The groups; to say nothing is always possible.")
    ]

    @property
    def groups(self) -> tuple[str, ...]:
        """The ids of the options."""
        return tuple(option.id for option in self.options)


class AboutRaters(Declared):
    """What raters are asked about themselves (demographics): only if they like, and kept apart from all else."""

    why: Words = Field(description="What it is for, as raters read it before they say anything.")
    release: Release = Field(
        "counts", description="What releases hold of it: nothing, the sizes of groups (counts), or each rater's (rows)."
    )
    questions: Annotated[
        list[AboutQuestion], Field(min_length=1, max_length=12, description="What raters are asked of themselves.")
    ]

    def named(self, id: str) -> AboutQuestion | None:
        """The question `id`, None if there is none."""
        return next((one for one in self.questions if one.id == id), None)

    def mistakes(self) -> Iterator[Mistake]:
        """Ids that come twice, or are taken."""
        yield from doubled(self.questions, lambda one: one.id, "questions", "questions")
        for number, one in enumerate(self.questions):
            found = doubled(one.options, lambda option: option.id, "options", "options")
            yield from (mistake.within("questions", number) for mistake in found)
            if one.id == RATER:
                message = "A release names raters in a column of this name."
                yield Mistake(("questions", number, "id"), message, "Give the question another id.")


def at_least(given: Release, wanted: Release) -> bool:
    """Whether who agreed to the release `given` agreed to `wanted`.

    >>> at_least("counts", "rows"), at_least("rows", "counts")
    (False, True)
    """
    return RELEASES.index(given) >= RELEASES.index(wanted)


@dataclass(frozen=True)
class Said:
    """What one rater said of themselves, by question, when (Unix seconds), and under which protocol they agreed."""

    values: Mapping[str, str]
    given_at: float
    protocol_hash: str


@dataclass(frozen=True)
class Groups:
    """The sizes of a question's groups. `shown`: those that may be; the `hidden` are told as one, of `rest` raters.

    `unsaid` is the number of raters who did not answer, None where it is among what is hidden: all numbers add up to
    the raters there are, so that no small one may be left to be worked out. That all answered is told only with others.
    """

    question: AboutQuestion
    shown: Mapping[str, int]
    unsaid: int | None
    hidden: tuple[str, ...]
    rest: int


def grouped(question: AboutQuestion, said: Iterable[Mapping[str, str]], raters: int) -> Groups:
    """How many of so many `raters` are in each group of `question`, as far as that may be shown."""
    counts = dict.fromkeys(question.groups, 0)
    for one in said:
        if one.get(question.id) in counts:
            counts[one[question.id]] += 1
    unsaid = raters - sum(counts.values())
    cells = (*counts.values(), unsaid) if unsaid else tuple(counts.values())
    shown = showable(cells)
    may = dict(zip(counts, shown, strict=False))
    told = any(shown) and (not unsaid or shown[-1])
    return Groups(
        question,
        {name: n for name, n in counts.items() if may[name]},
        unsaid if told else None,
        tuple(name for name in counts if not may[name]),
        sum(n for n, each in zip(cells, shown, strict=True) if not each),
    )


def showable(cells: Sequence[int]) -> tuple[bool, ...]:
    """Which of these numbers of raters may be shown, whose sum everybody knows.

    None below five; and where the hidden ones could be worked out from the rest, being alone, few or all equal, the
    smallest of the others go with them, ties together. So whatever stands in one hidden place could as well stand in
    another: no single number follows, even for somebody who knows this rule.

    >>> showable([12, 9, 3]), showable([12, 9, 3, 4]), showable([4, 4, 7, 9])
    ((True, False, False), (True, True, False, False), (False, False, False, True))
    """
    hidden = {place for place, n in enumerate(cells) if n < LEAST}
    while hidden and len(hidden) < len(cells) and _told(cells, hidden):
        least = min(n for place, n in enumerate(cells) if place not in hidden)
        hidden |= {place for place, n in enumerate(cells) if n == least}
    return tuple(place not in hidden for place in range(len(cells)))


def _told(cells: Sequence[int], hidden: set[int]) -> bool:
    """Whether the sum of the hidden numbers says what one of them is, or is small itself."""
    numbers = [cells[place] for place in hidden]
    return sum(numbers) < LEAST or len(set(numbers)) == 1


def settled(said: Mapping[str, Said]) -> list[str]:
    """The raters, by pseudonym, whose answers may be counted by now: full fives of them, in the order they came.

    Somebody who sees every answer arrive would otherwise see whose it is by the number that grew.

    >>> told = {f"r-{n}": Said({}, float(n), "") for n in range(12)}
    >>> len(settled(told)), settled(told)[-1]
    (10, 'r-9')
    """
    order = sorted(said, key=lambda name: (said[name].given_at, name))
    return order[: len(order) // TOGETHER * TOGETHER]

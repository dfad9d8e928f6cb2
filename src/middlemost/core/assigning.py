"""How items are given to raters, as the protocol declares it under `collection`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from middlemost.core.declared import Declared, Words

Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Quotas(Declared):
    """How many of an item's answers come from raters of each group."""

    by: Words = Field(description="The column of the raters' file that says to which group a rater belongs.")
    answers: Annotated[
        dict[Words, Annotated[int, Field(ge=1, le=1000)]],
        Field(min_length=1, max_length=50, description="How many answers of each item come from each group."),
    ]


class Limits(Declared):
    """How much one rater is given."""

    items: Count | None = Field(None, description="The most items that a rater answers in all.")
    a_day: Count | None = Field(None, description="The most in one day (UTC).")
    a_session: Count | None = Field(None, description="The most without a pause.")
    pause_minutes: float = Field(30, ge=1, le=1440, description="How long a pause has to be to end a session.")

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return (self.items, self.a_day, self.a_session) != (None, None, None)


class Repeats(Declared):
    """Items that come to the same rater twice, to see whether they answer the same."""

    share: float = Field(gt=0, le=1, description="The share of a rater's items that come again: 0.05.")
    after: int = Field(50, ge=1, le=10_000, description="After how many other items, at least.")


class More(Declared):
    """More answers where raters disagree."""

    lead: int = Field(2, ge=1, le=100, description="By how many votes the first answer has to lead the second.")
    most: int = Field(ge=2, le=1000, description="The most answers that an item gets.")

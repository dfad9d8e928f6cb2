"""What leads set as JSON while raters work: which items come first, what is said of raters."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from middlemost.project.assign import LONGEST, describe_raters, prioritise, said_of_raters
from middlemost.store.line import MOST_PRIORITY
from middlemost.web.session import Inviter, TheProject

AT_ONCE = 1000

ItemId = Annotated[str, Field(min_length=1, max_length=1000)]
Said = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class Priorities(BaseModel):
    """Priorities by item; higher ones come first, 0 is usual."""

    priorities: dict[ItemId, Annotated[int, Field(ge=-MOST_PRIORITY, le=MOST_PRIORITY)]] = Field(
        min_length=1, max_length=AT_ONCE
    )


class Prioritised(BaseModel):
    """How many items have another place in line now."""

    items: int


class Raters(BaseModel):
    """What is said of raters, by pseudonym: quotas and exclusions go by it. Null takes back what was said."""

    raters: dict[Annotated[str, Field(min_length=1, max_length=40)], dict[Said, Said | None]] = Field(
        max_length=AT_ONCE
    )


def take_priorities(project: TheProject, session: Inviter, given: Priorities) -> Prioritised:
    """Give items other priorities: all or none."""
    return Prioritised(items=prioritise(project, given.priorities, by=session.person))


def tell_raters(project: TheProject, session: Inviter) -> Raters:
    """What is said of raters."""
    return Raters.model_construct(raters={name: {**values} for name, values in said_of_raters(project).items()})


def take_raters(project: TheProject, session: Inviter, given: Raters) -> Raters:
    """Say of raters what quotas and exclusions go by; the whole of what is said now."""
    describe_raters(project, given.raters, by=session.person)
    return tell_raters(project, session)

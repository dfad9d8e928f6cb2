"""`sample`: items drawn at random for somebody to decide on blind, which say how many labels are wrong.

What a lead decides on disputed items says nothing of the others. What they say of items drawn at random, before they
see the raters' answers, does: once a draw is decided as a whole it is gold drawn at random. See `store/samples.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import randbelow

import numpy as np
import sqlalchemy as sa

from middlemost.core.nouns import Person
from middlemost.errors import AccessError, SettingError, StateError
from middlemost.project.folder import Project
from middlemost.store import samples
from middlemost.store.samples import Draw

MOST = 2_000
USUAL = 50
SEEDS = 2**31


@dataclass(frozen=True)
class Sampled:
    """How far the newest sample is: of its `n` items so many are `decided` blind.

    `counts`: how many items of the sample that counts are gold, which may be an earlier one; 0 while none does.
    """

    n: int
    decided: int
    counts: int


@dataclass(frozen=True)
class Sample:
    """All draws, oldest first; the numbers of those that count together; the items that wait, in their order.

    A draw now would be out of `frame` items; `renewed`: these are not those of the last draw, so that it would be drawn
    afresh. `unfinished`: of the items that a draw is about, how many have not all their answers yet.
    """

    draws: tuple[Draw, ...]
    counting: frozenset[int]
    awaiting: tuple[str, ...]
    frame: int
    renewed: bool
    unfinished: int

    @property
    def progress(self) -> Sampled | None:
        """How far it is, None before the first draw."""
        return _progress(self.draws)


def draw(project: Project, person: Person | None, n: int = USUAL, seed: int | None = None) -> Draw:
    """Draw `n` items at random from those with answers; they are lent to raters no more.

    `person` is None on the command line; without a `seed` one is drawn. AccessError for those who may not decide,
    StateError in a descriptive project, without a choice to decide on, or with fewer items to draw from.
    """
    if person is not None and not person.may("decide"):
        raise AccessError("Only leads and adjudicators decide on items.")
    require_decidable(project)
    if not 1 <= n <= MOST:
        raise SettingError(f"n is {n}.", mend=f"It can be 1 to {MOST:,}.")
    seed = randbelow(SEEDS) if seed is None else seed
    if not 0 <= seed < SEEDS:
        raise SettingError(f"seed is {seed}.", mend=f"It can be 0 to {SEEDS - 1:,}.")
    by = person.id if person else None
    number = project.store.write(samples.add, n, seed, chosen, by, now=project.store.clock())
    return next(one for one in project.store.read(samples.every) if one.id == number)


def require_decidable(project: Project) -> None:
    """StateError where nobody decides on items."""
    if project.protocol.paradigm == "descriptive":
        raise StateError("In a descriptive project opinions differ: nobody decides which of them is right.")
    if not project.options:
        raise StateError("A decision is about a choice, and no question here is one.")


def chosen(frame: Sequence[int], n: int, seed: int) -> list[int]:
    """`n` of the items at random, without replacement, in random order.

    >>> chosen([5, 6, 7, 8], 2, seed=0), len(set(chosen(range(100), 100, seed=1)))
    ([7, 5], 100)
    """
    return [int(frame[place]) for place in np.random.default_rng(seed).permutation(len(frame))[:n]]


def sample(project: Project) -> Sample:
    """What was drawn, how far it is decided, and what could be drawn now."""
    return project.store.read(_sample)


def sampled(project: Project) -> Sampled | None:
    """How far the newest sample is; None where nothing was drawn."""
    return _progress(project.store.read(samples.every))


def awaiting(project: Project) -> tuple[str, ...]:
    """The drawn items that wait for somebody to say what they think of them, in their order."""
    return tuple(project.store.read(samples.awaiting))


def _sample(connection: sa.Connection) -> Sample:
    draws = samples.every(connection)
    population, frame = samples.frame_of(connection)
    return Sample(
        draws=tuple(draws),
        counting=frozenset(one.id for one in samples.counting(draws)),
        awaiting=tuple(samples.awaiting(connection)),
        frame=len(frame),
        renewed=bool(draws) and draws[-1].population != population,
        unfinished=samples.unfinished(connection),
    )


def _progress(draws: Sequence[Draw]) -> Sampled | None:
    if not draws:
        return None
    newest = [one for one in draws if one.population == draws[-1].population]
    counts = sum(one.n for one in samples.counting(draws))
    return Sampled(sum(one.n for one in newest), sum(one.decided for one in newest), counts)

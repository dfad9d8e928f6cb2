"""Items drawn at random for somebody to decide on, who says what they think before they see the others' answers.

What was said so is gold drawn at random, once a draw is decided as a whole: who decides the easy ones first would make
the labels look better than they are. A draw is taken from all items that have a counted answer and no known label.
Where these are the same as at a draw before, it takes others than that did, and both together are one simple random
sample; where they are not, it is drawn afresh from all of them, and takes the place of those before once it is decided.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from middlemost.errors import StateError
from middlemost.store import events, items
from middlemost.store.schema import OPEN, answer, assignment, decision, draw, drawn, gold, item, person
from middlemost.store.sql import alone, insert

CHUNK = 5_000
GIVEN, REVIEW = "given", "review"
Choose = Callable[[Sequence[int], int, int], Sequence[int]]  # frame, how many, seed: those drawn, in the order drawn

_counted = (
    sa.exists()
    .where(assignment.c.item == item.c.seq, assignment.c.round == 1)
    .where(answer.c.id == assignment.c.answer, answer.c.surplus.is_(False))
)
_known = sa.exists().where(gold.c.item == item.c.seq)
_POPULATION = sa.select(item.c.seq).where(item.c.control.is_(False), _counted, ~_known).order_by(item.c.seq)
# The first that anybody said blind: a later one may have seen the answers.
_BLIND = (
    sa.select(decision.c.blind)
    .where(decision.c.item == drawn.c.item, decision.c.blind.is_not(None), decision.c.scripted.is_(False))
    .order_by(decision.c.id)
    .limit(1)
    .scalar_subquery()
)
_DRAWN = (
    sa.select(drawn.c.draw, drawn.c.place, drawn.c.item.label("seq"), item.c.id.label("item"), _BLIND.label("blind"))
    .join(item, item.c.seq == drawn.c.item)
    .order_by(drawn.c.draw, drawn.c.place)
)
_DRAWS = (
    sa.select(draw.c.id, draw.c.seed, draw.c.population, draw.c.frame, draw.c.n, draw.c.made_at, person.c.pseudonym)
    .outerjoin(person, person.c.id == draw.c.made_by)
    .order_by(draw.c.id)
)


@dataclass(frozen=True)
class Drawn:
    """A drawn item, and what was said of it blind: None until somebody has."""

    item: str
    blind: str | None


@dataclass(frozen=True)
class Draw:
    """A draw of `n` items out of `frame`, by a pseudonym (None: on the command line), in the order drawn."""

    id: int
    seed: int
    population: str
    frame: int
    n: int
    by: str | None
    at: float
    items: tuple[Drawn, ...]

    @property
    def decided(self) -> int:
        """How many of its items somebody has decided on blind."""
        return sum(one.blind is not None for one in self.items)

    @property
    def complete(self) -> bool:
        """Whether all of them are."""
        return self.decided == self.n


def every(connection: sa.Connection) -> list[Draw]:
    """All draws, oldest first."""
    of_draw: dict[int, list[Drawn]] = {}
    for row in connection.execute(_DRAWN):
        of_draw.setdefault(row.draw, []).append(Drawn(row.item, row.blind))
    return [
        Draw(row.id, row.seed, row.population, row.frame, row.n, row.pseudonym, row.made_at, tuple(of_draw[row.id]))
        for row in connection.execute(_DRAWS)
    ]


def counting(draws: Sequence[Draw]) -> list[Draw]:
    """The draws that together are the newest simple random sample: the newest that is decided, and those like it."""
    complete = [one for one in draws if one.complete]
    return [one for one in complete if one.population == complete[-1].population]


def known_labels(connection: sa.Connection) -> list[tuple[str, str, str, str]]:
    """(item, label, drawn, source) of all gold but control items, by item: what was given, and what a review found.

    A label that was given goes before what was said blind; that its item was drawn at random holds all the same.
    """
    found = {one: (one, label, how, GIVEN) for one, label, how in items.gold_rows(connection)}
    for one in (one for each in counting(every(connection)) for one in each.items):
        if one.item in found:
            found[one.item] = (one.item, found[one.item][1], "random", GIVEN)
        elif one.blind is not None:
            found[one.item] = (one.item, one.blind, "random", REVIEW)
    return [found[name] for name in sorted(found)]


def population(connection: sa.Connection) -> list[int]:
    """The numbers of the items that a draw is about: with a counted answer, no control items, no gold."""
    return list(connection.execute(_POPULATION).scalars())


def frame_of(connection: sa.Connection) -> tuple[str, list[int]]:
    """A digest of the population, and those of its items that can be drawn now."""
    seqs = population(connection)
    digest = hashlib.sha256(" ".join(map(str, seqs)).encode()).hexdigest()
    before = sa.select(drawn.c.item).join(draw, draw.c.id == drawn.c.draw).where(draw.c.population == digest)
    taken = set(connection.execute(before).scalars())
    return digest, [seq for seq in seqs if seq not in taken]


def add(connection: sa.Connection, n: int, seed: int, choose: Choose, by: int | None, *, now: float) -> int:
    """Draw `n` items with `choose`, and close them: they are lent no more; the number of the draw.

    StateError where there are not so many.
    """
    alone(connection, "gold")
    alone(connection, "protocol")  # no rater gives a place back meanwhile
    digest, frame = frame_of(connection)
    if n > len(frame):
        mend = f"Draw up to {len(frame):,}." if frame else "Draw when more items have answers."
        raise StateError(f"There are {len(frame):,} items to draw from.", mend=mend)
    seqs = choose(frame, n, seed)
    row = {"seed": seed, "population": digest, "frame": len(frame), "n": n, "made_by": by, "made_at": now}
    number = insert(connection, sa.insert(draw), row)
    rows = [{"draw": number, "place": place, "item": seq} for place, seq in enumerate(seqs)]
    for start in range(0, n, CHUNK):
        here = item.c.seq.in_(seqs[start : start + CHUNK])
        connection.execute(sa.select(item.c.seq).where(here).with_for_update()).all()  # nor do lapsed leases
        connection.execute(sa.insert(drawn), rows[start : start + CHUNK])
        connection.execute(sa.update(item).where(here, item.c.taken < item.c.places).values(places=item.c.taken))
    about = {"draw": number, "seed": seed, "frame": len(frame), "n": n, "population": digest}
    events.note(connection, "drew a sample", about, who=by, now=now)
    return number


def awaiting(connection: sa.Connection) -> list[str]:
    """The items of the newest sample that nobody has decided on blind yet, in the order in which they are to be."""
    draws = every(connection)
    newest = (one for one in draws if one.population == draws[-1].population)
    return [one.item for each in newest for one in each.items if one.blind is None]


def unfinished(connection: sa.Connection) -> int:
    """How many items of the population have free places: their labels may change still."""
    query = sa.select(sa.func.count()).select_from(_POPULATION.where(OPEN).subquery())
    return int(connection.execute(query).scalar_one())

"""Message passing of Karger, Oh and Shah."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.case import Case
from middlemost.consensus.others import Judged
from middlemost.consensus.settings import not_negative, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.results import Consensus
from middlemost.core.short_rows import sums
from middlemost.core.ties import NEAR
from middlemost.inference.fixed_point import settle
from middlemost.registry import Traits

Floats = NDArray[np.float64]
_SILENCE = 1e-12
_DIGITS = 10


@dataclass(frozen=True)
class KOS:
    """Karger, Oh and Shah (2011, 2014): raters and items send each other messages, each leaving out the receiver's own.

    A rater's message to an item says how reliable their other answers are; an item's message to a rater, how much the
    item's other raters speak for that rater's answer rather than another class (the mean of the others, where there
    are more than two; the paper has two). It begins with every rater at 1, the mean of the paper's random start: there
    is no chance in it. The messages are scaled to one root mean square; it stops when none moves by `tol`, or after
    `max_iter` steps. `probabilities` are the shares of the weighted votes, where a vote of negative weight is one for
    the other classes; the raters' frame has the `weight` of each. `seed` breaks ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbcc"), "rater": list("xyzxyzxz"), "answer": list("11222212")})
    >>> KOS().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    max_iter: int = 100
    tol: float = 1e-5
    seed: int = 0

    name: ClassVar[str] = "kos"
    traits: ClassVar[Traits] = Traits(
        source="Karger, Oh and Shah 2014, Operations Research 62(1)", intervals=True, gold=True
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Pass the messages. `gold` items speak for their known label, as loudly as an item does in the mean."""
        case = Case.of(answers, gold)
        edges = _Edges.of(case)
        messages, n_iter, rested = settle(edges.exchange, np.ones(len(answers)), max_iter=self.max_iter, tol=self.tol)
        # What is nought but for rounding must not decide for a class.
        messages = np.where(np.abs(messages) > NEAR, messages, 0.0)
        votes, against = edges.votes(np.maximum(messages, 0.0)), edges.votes(np.maximum(-messages, 0.0))
        return case.concluded(
            self.name,
            case.shares_for_and_against(votes, against),
            edges.judged(case, messages),
            seed=self.seed,
            columns={"weight": edges.mean_by_rater(messages)},
            n_iter=n_iter,
            converged=rested,
        )


@dataclass(frozen=True, eq=False)
class _Edges:
    """The answers, sorted: each with its cell (item · class), its rater, and whether its item's label is known."""

    cell: NDArray[np.intp]
    rater: NDArray[np.intp]
    shape: tuple[int, int]
    n_raters: int
    held: NDArray[np.bool_]
    known: Floats

    @classmethod
    def of(cls, case: Case) -> _Edges:
        by_cell, (n_items, n_classes) = case.ballot.by_cell, case.ballot.shape
        cell = np.repeat(np.arange(n_items * n_classes), np.diff(by_cell.indptr))
        truth = np.full(n_items, -1)
        truth[case.clamp.items] = case.clamp.classes
        of_edge = truth[cell // n_classes]
        known = np.where(of_edge == cell % n_classes, 1.0, -1.0 / max(n_classes - 1, 1))
        rater = by_cell.indices.astype(np.intp)
        return cls(cell, rater, (n_items, n_classes), case.answers.n_raters, of_edge >= 0, known)

    def exchange(self, to_items: Floats) -> Floats:
        """From the raters' messages, one an answer, to their next; all 1 again where they have nothing to say."""
        said = _scaled(self._to_raters(to_items))
        said[self.held] = self.known[self.held]
        heard = np.bincount(self.rater, said, self.n_raters)[self.rater] - said
        return _scaled(heard) if np.abs(heard).max(initial=0.0) > _SILENCE else np.ones_like(heard)

    def votes(self, weights: Floats) -> Floats:
        """The answers' weights summed by item and class."""
        return (
            np.bincount(self.cell, weights, self.shape[0] * self.shape[1]).reshape(self.shape).astype(float, copy=False)
        )

    def judged(self, case: Case, messages: Floats) -> Judged:
        """Each rater by the others' messages: one against a class is one for all the others, so less for it."""
        weights = np.where(messages > 0, messages, messages / max(self.shape[1] - 1, 1))
        by_answer = np.empty_like(weights)
        by_answer[case.by_cell] = weights
        return case.others.judge_winners(self.votes(weights), by_answer)

    def mean_by_rater(self, messages: Floats) -> Floats:
        n_answers = np.bincount(self.rater, minlength=self.n_raters)
        return np.asarray(np.bincount(self.rater, messages, self.n_raters) / np.maximum(n_answers, 1))

    def _to_raters(self, to_items: Floats) -> Floats:
        votes = self.votes(to_items)
        of_answer = votes.ravel()[self.cell]
        others = sums(votes)[self.cell // self.shape[1]] - of_answer
        return np.asarray(of_answer - to_items - others / max(self.shape[1] - 1, 1))


def _scaled(messages: Floats) -> Floats:
    """To a root mean square of 1, and rounded: sums in another order differ in their last digits.

    Where the start has no part of the direction that grows fastest, each step would magnify that difference, until
    the order of the classes decided.
    """
    size = np.sqrt((messages**2).mean()) if len(messages) else 0.0
    return np.asarray(np.round(messages / max(size, _SILENCE), _DIGITS))

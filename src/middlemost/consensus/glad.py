"""Generative model of labels, abilities and difficulties."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.case import Case
from middlemost.consensus.judged import judged_by_weights
from middlemost.consensus.others import Judged
from middlemost.consensus.settings import not_negative, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.results import Consensus
from middlemost.core.short_rows import sums
from middlemost.inference.fixed_point import climb
from middlemost.inference.softmax import normalise
from middlemost.registry import Traits

Floats = NDArray[np.float64]
_TINY = 1e-6
_LONGER = 1.4


@dataclass(frozen=True)
class GLAD:
    """Whitehill et al. (2009): raters differ in ability and items in difficulty; wrong answers are evenly spread.

    A rater of ability a is right on an item of difficulty d with log-odds a / d. Ability, and the logarithm of 1 / d,
    have a normal prior with mean 1 and variance 1. EM, where each step finds the best abilities and then better
    difficulties of one quadratic bound (Jaakkola and Jordan 2000), until the objective rises by less than `tol` an
    answer, or for `max_iter` steps. The raters' frame has the `ability` of each, the labels' the `difficulty`. `seed`
    breaks ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> GLAD().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    max_iter: int = 100
    tol: float = 1e-4
    seed: int = 0

    name: ClassVar[str] = "glad"
    traits: ClassVar[Traits] = Traits(
        source="Whitehill, Ruvolo, Wu, Bergsma and Movellan 2009, Advances in Neural Information Processing Systems 22",
        objective="log-likelihood plus the log-density of the prior",
        intervals=True,
        gold=True,
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Fit the model. `gold` items keep their label throughout, and so tell more of the raters and items."""
        case = Case.of(answers, gold)
        model = _Model.of(case)
        start = model.expect(np.ones(answers.n_raters), np.ones(answers.n_items))
        enough = self.tol * max(len(answers), 1)
        state, convergence = climb(model.step, start, max_iter=self.max_iter, tol=enough)
        return case.concluded(
            self.name,
            state.posterior,
            model.judged(state),
            seed=self.seed,
            columns={"ability": state.ability},
            item_columns={"difficulty": np.exp(-state.ease)},
            log_likelihood=state.log_likelihood,
            objective=state.objective,
            history=convergence.history,
            n_iter=convergence.n_iter,
            converged=convergence.converged,
        )


@dataclass(frozen=True, eq=False)
class _State:
    """Abilities, logarithms of the items' ease (1 / difficulty), and the posterior that follows from them.

    `bend` belongs to the answers: the curvature of the bound at their log-odds to be right.
    """

    ability: Floats
    ease: Floats
    posterior: Floats
    bend: Floats
    log_likelihood: float
    objective: float
    stride: float = 1.0


@dataclass(frozen=True, eq=False)
class _Model:
    """The answers, sorted: each with its item and its rater."""

    case: Case
    item: NDArray[np.intp]
    rater: NDArray[np.intp]

    @classmethod
    def of(cls, case: Case) -> _Model:
        return cls(case, case.ballot.cell // case.ballot.shape[1], case.ballot.voter)

    def step(self, state: _State) -> _State:
        """A stride beyond what the bounds give, longer each time that it succeeds; else just what they give."""
        better = self._better(state)
        now = (state.ability, state.ease)
        bold = self.expect(*(old + state.stride * (new - old) for old, new in zip(now, better, strict=True)))
        if bold.objective >= state.objective:
            return replace(bold, stride=state.stride * _LONGER)
        return self.expect(*better)

    def _better(self, state: _State) -> tuple[Floats, Floats]:
        """The abilities that raise the bound most, then better ease under the same bound."""
        power, lean = np.exp(state.ease), state.posterior - 0.5
        pulled = self.case.ballot.credits(lean * power[:, None])
        bent = self._curvature(state.bend, power, self.item, self.rater, len(state.ability))
        ability = (pulled + 1.0) / (bent + 1.0)
        lean *= self.case.ballot.votes(ability)
        bent = self._curvature(state.bend, ability, self.rater, self.item, len(state.ease))
        return ability, _better_ease(state.ease, sums(lean), bent)

    def _curvature(
        self, bend: Floats, factor: Floats, theirs: NDArray[np.intp], ours: NDArray[np.intp], n: int
    ) -> Floats:
        """The bound's curvature in the parameters of the `n` on our side, given those, `factor`, on their side."""
        of_answer = factor.take(theirs)
        of_answer *= of_answer
        of_answer *= bend
        return np.asarray(np.bincount(ours, of_answer, n), dtype=np.float64)

    def expect(self, ability: Floats, ease: Floats) -> _State:
        """The posterior under these parameters, and how good they are."""
        n_items, n_classes = self.case.ballot.shape
        power = np.exp(ease)
        odds = ability.take(self.rater)
        odds *= power.take(self.item)
        scores = self._scores(ability, power)
        known = self.case.clamp.joint(scores)
        evidence = normalise(scores)
        evidence[self.case.clamp.items] = known
        self.case.clamp.hold(scores)
        bend, all_wrong = _bound(odds)
        all_wrong += len(odds) * _spread(n_classes)
        log_likelihood = float(evidence.sum() - all_wrong) - n_items * np.log(n_classes)
        log_density = -0.5 * float(((ability - 1.0) ** 2).sum() + ((ease - 1.0) ** 2).sum())
        return _State(ability, ease, scores, bend, log_likelihood, log_likelihood + log_density)

    def judged(self, state: _State) -> Judged:
        """Each rater by what the others' abilities make probable."""
        answers, power = self.case.answers, np.exp(state.ease)
        weights = state.ability[answers.rater] * power[answers.item] + _spread(answers.n_classes)
        return judged_by_weights(answers, self.case.clamp, self._scores(state.ability, power), weights)

    def _scores(self, ability: Floats, power: Floats) -> Floats:
        """The logarithm of each item's answers with each class, but for what the classes share: (items, classes)."""
        scores = self.case.ballot.votes(ability)
        scores *= power[:, None]
        scores += _spread(self.case.ballot.shape[1]) * self.case.counts
        return scores


def _spread(n_classes: int) -> float:
    """The log-odds of a wrong answer against one particular wrong answer."""
    return float(np.log(max(n_classes - 1, 1)))


def _bound(odds: Floats) -> tuple[Floats, float]:
    """The curvature, tanh(x/2) / 2x, of the bound on log(1 + e^x) that touches it at `odds`; and what that adds up to.

    Odds of nearly 0 count as that near.
    """
    size = np.abs(odds)
    np.maximum(size, _TINY, out=size)
    damp = np.exp(-size)
    total = 0.5 * float(odds.sum() + size.sum()) + float(np.log1p(damp).sum())
    size *= 2.0
    size *= 1.0 + damp
    np.subtract(1.0, damp, out=damp)
    damp /= size
    return damp, total


def _better_ease(ease: Floats, pull: Floats, bend: Floats) -> Floats:
    """A Newton step up pull·e^x - bend·e^2x / 2 - (x - 1)² / 2, each item alone; one that would fall is not taken."""
    power = np.exp(ease)
    slope = (pull - bend * power) * power - (ease - 1.0)
    curvature = np.maximum((2.0 * bend * power - pull) * power + 1.0, 1.0)
    moved = ease + np.clip(slope / curvature, -1.0, 1.0)
    now = (pull - 0.5 * bend * power) * power - 0.5 * (ease - 1.0) ** 2
    power = np.exp(moved)
    then = (pull - 0.5 * bend * power) * power - 0.5 * (moved - 1.0) ** 2
    return np.where(then >= now, moved, ease)

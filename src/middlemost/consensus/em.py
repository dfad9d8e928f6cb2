"""What the models of raters that are fitted by EM share: the answers at hand, the E-step, the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus.clamp import Clamp
from middlemost.consensus.concluded import label_frame, rater_frame, vote_shares
from middlemost.consensus.judged import judged_by_others
from middlemost.core.answers import Answers
from middlemost.core.coding import how_often
from middlemost.core.gold import GoldLike, as_gold
from middlemost.core.operator import SparseOperator
from middlemost.core.results import Consensus
from middlemost.core.short_rows import sums
from middlemost.core.ties import by_frequency, tied
from middlemost.errors import InputError, SettingError
from middlemost.inference.fixed_point import Convergence, climb
from middlemost.inference.softmax import normalise

Floats = NDArray[np.float64]
TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Model:
    """Parameters: class shares, the raters' confusion matrices, the logarithms that the E-step sums.

    `log_density` is what the objective adds to the log-likelihood.
    """

    prior: Floats
    confusion: Floats
    log_confusion: Floats
    log_density: float


NONE_YET = Model(np.empty(0), np.empty(0), np.empty(0), 0.0)
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, eq=False)
class State(Generic[M]):
    """A posterior (items, classes), the model it follows from, and how good that is."""

    posterior: Floats
    model: M
    log_likelihood: float = -np.inf
    objective: float = -np.inf


@dataclass(frozen=True, eq=False)
class Crowd:
    """The answers as EM works on them, and what is known before it begins.

    The classes are in an order that their names do not decide, so that rounding cannot decide by name either; `order`
    leads back. `abstention` is the position of the answer that is observed, but is never a label.
    """

    answers: Answers
    order: NDArray[np.int32]
    counts: NDArray[np.integer]
    operator: SparseOperator
    clamp: Clamp
    abstention: int | None
    given: Answers

    @classmethod
    def of(cls, answers: Answers, gold: GoldLike | None = None, abstain: str | None = None) -> Crowd:
        """Gather them; SettingError where the tables would not fit in memory, InputError where everybody abstains."""
        order = by_frequency(answers)
        ours = answers.with_classes(order)
        abstention = _position(abstain, ours.classes)
        if abstention is not None and (ours.answer == abstention).all():
            raise InputError(f"All answers are {abstain!r}.", mend="Labels need at least one answer that is not one.")
        clamp = Clamp.of(None if gold is None else as_gold(gold), ours)
        if abstention is not None:
            real = clamp.classes != abstention
            clamp = replace(clamp, items=clamp.items[real], classes=clamp.classes[real])
        operator = SparseOperator.of(ours)
        return cls(ours, order, operator.votes(), operator, clamp, abstention, answers)

    def discounted(self, correlation: float) -> Crowd:
        """The same with an item's n answers counting as n / (1 + (n - 1) · correlation) (Kish's design effect)."""
        if correlation == 0:
            return self
        n_answers = np.diff(self.operator.starts)
        return replace(self, operator=self.operator.weighted(1.0 / (1.0 + correlation * np.maximum(n_answers - 1, 0))))

    def shares(self) -> Floats:
        """The shares of each item's answers, abstentions aside, shape (items, classes); gold items at their label."""
        counts = self.counts
        if self.abstention is not None:
            counts = counts.copy()
            counts[:, self.abstention] = 0
        shares = vote_shares(self.answers, counts)
        if self.abstention is not None:
            shares /= np.maximum(sums(shares), TINY)[:, None]
        self.clamp.hold(shares)
        return shares

    def class_shares(self) -> Floats:
        """The shares of all answers, abstentions aside, shape (classes,)."""
        totals = how_often(self.answers.answer, self.answers.n_classes).astype(float)
        if self.abstention is not None:
            totals[self.abstention] = 0.0
        return np.asarray(totals / max(totals.sum(), 1.0))

    def fixed_prior(self, shares: Mapping[str, float] | None) -> Floats | None:
        """The class shares that the user gave, in the order of the classes; SettingError where one has none."""
        if shares is None:
            return None
        for number, name in enumerate(self.answers.classes):
            if name not in shares and number != self.abstention:
                raise SettingError(f"class_prior has no share for {name!r}.", mend="Each answer needs one.")
        prior = np.array([float(shares.get(name, 0.0)) for name in self.answers.classes])
        if self.abstention is not None:
            prior[self.abstention] = 0.0
        return np.asarray(prior / prior.sum())

    def begin(self, start: Consensus | None) -> Floats:
        """Where EM begins: the shares of the votes, or what an earlier result said of the items that it knows."""
        shares = self.shares()
        if start is None:
            return shares
        known, rows = _shared(self.answers.items, start.items)
        columns, theirs = _shared(self.answers.classes, start.classes)
        earlier = np.zeros((len(rows), len(shares.T)))
        for ours, column in zip(columns, theirs, strict=True):
            earlier[:, ours] = start.probabilities[rows, column]
        if self.abstention is not None:
            earlier[:, self.abstention] = 0.0
        total = sums(earlier)
        useful = total > 0
        shares[known[useful]] = earlier[useful] / total[useful, None]
        self.clamp.hold(shares)
        return shares

    def expect(self, model: M, into: Floats | None = None) -> State[M]:
        """The E-step; known items count with the likelihood of their known class.

        The posterior may be put `into` the array of one that nobody needs any more.
        """
        scores, prior = self.operator.scores(model.log_confusion, into), self._log_prior(model)
        joint = self.clamp.joint(scores) + prior[self.clamp.classes]
        log_norms = normalise(scores, prior)
        log_norms[self.clamp.items] = joint
        self.clamp.hold(scores)
        log_likelihood = float(log_norms.sum())
        return State(scores, model, log_likelihood, log_likelihood + model.log_density)

    def decide(self, model: M) -> State[M]:
        """The hard E-step: each item gets its most probable class; tied ones share it evenly."""
        scores = self.scores(model)
        joint = self.clamp.joint(scores)
        best = scores.max(axis=1)
        best[self.clamp.items] = joint
        first = tied(scores).astype(float)
        first /= sums(first)[:, None]
        self.clamp.hold(first)
        log_likelihood = float(best.sum())
        return State(first, model, log_likelihood, log_likelihood + model.log_density)

    def scores(self, model: Model) -> Floats:
        """The logarithm of each item's answers together with each class, shape (items, classes)."""
        scores = self.operator.scores(model.log_confusion)
        scores += self._log_prior(model)
        return scores

    def _log_prior(self, model: Model) -> Floats:
        """The logarithms of the class shares; nothing is in the class of the abstentions."""
        logs = np.log(np.maximum(model.prior, TINY))
        if self.abstention is not None:
            logs[self.abstention] = -np.inf
        return np.asarray(logs)

    def climb(
        self, step: Callable[[State[M]], State[M]], start: State[M], *, max_iter: int, tol: float
    ) -> tuple[State[M], Convergence]:
        """Repeat `step` until the objective rises by less than `tol` an answer."""
        return climb(step, start, max_iter=max_iter, tol=tol * max(len(self.answers), 1))

    def concluded(
        self,
        method: str,
        state: State[M],
        convergence: Convergence,
        *,
        seed: int,
        log_likelihood: float | None = None,
    ) -> Consensus:
        """The result, its classes in the order of the answers as given."""
        back = np.argsort(self.order)
        model, raters = state.model, self._raters(state.model)
        posterior = np.ascontiguousarray(state.posterior[:, back])
        squares = np.ix_(np.arange(len(model.confusion)), back, back)
        labels = label_frame(self.given, posterior, np.ascontiguousarray(self.counts[:, back]), seed=seed)
        return Consensus(
            method=method,
            items=self.given.items,
            classes=self.given.classes,
            probabilities=posterior,
            labels=labels,
            raters=raters,
            class_prior=model.prior[back],
            confusion=model.confusion[squares],
            log_likelihood=state.log_likelihood if log_likelihood is None else log_likelihood,
            objective=state.objective,
            history=convergence.history,
            n_iter=convergence.n_iter,
            converged=convergence.converged,
            notices=(*self.given.notices, *self.clamp.notices, *not_converged(convergence)),
        )

    def _raters(self, model: Model) -> pl.DataFrame:
        """How many answers of each rater the others' answers call right."""
        scores, aside = self.scores(model), self.abstention
        judged = judged_by_others(self.operator, scores, model.log_confusion, self.clamp, aside=aside)
        return rater_frame(self.given, *judged)


def not_converged(convergence: Convergence) -> tuple[str, ...]:
    """The notice for a fit that was cut short."""
    if convergence.converged:
        return ()
    return (f"The fit did not converge in {convergence.n_iter} steps: more may change the labels.",)


def _position(name: str | None, classes: pl.Series) -> int | None:
    found = [number for number, known in enumerate(classes) if known == name] if name is not None else []
    return found[0] if found else None


def _shared(ours: pl.Series, theirs: pl.Series) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The positions of the names that both have: among ours, and among theirs."""
    if ours.equals(theirs):
        everything = np.arange(len(ours))
        return everything, everything
    number = pl.int_range(pl.len()).alias
    left = pl.DataFrame({"name": ours}).with_columns(number("ours"))
    right = pl.DataFrame({"name": theirs}).with_columns(number("theirs"))
    both = left.join(right, on="name").sort("ours")
    return both["ours"].to_numpy().astype(np.intp), both["theirs"].to_numpy().astype(np.intp)

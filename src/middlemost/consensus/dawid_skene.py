"""The model of Dawid and Skene (1979)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus.clamp import Clamp
from middlemost.consensus.concluded import label_frame, rater_frame, vote_shares
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike, as_gold
from middlemost.core.operator import Operator, SparseOperator
from middlemost.core.results import Consensus
from middlemost.core.ties import by_frequency
from middlemost.errors import SettingError
from middlemost.inference.fixed_point import Convergence, climb
from middlemost.inference.softmax import normalise
from middlemost.registry import Traits

Floats = NDArray[np.float64]
_TINY = 1e-300


@dataclass(frozen=True)
class DawidSkene:
    """Dawid and Skene (1979): each rater has a confusion matrix, each item a hidden true class; fitted by EM.

    Starts from the shares of the votes and stops when the objective rises by less than `tol` an answer, or after
    `max_iter` steps. `smoothing` is added to each cell of the confusion matrices (a Dirichlet prior), so that a rater
    with few answers is not taken for perfect; 0 gives maximum likelihood. `seed` breaks ties. Its confidences are too
    high on most real data: they are not calibrated.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> DawidSkene().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    max_iter: int = 100
    tol: float = 1e-6
    smoothing: float = 0.01
    seed: int = 0

    name: ClassVar[str] = "dawid-skene"
    traits: ClassVar[Traits] = Traits(
        source="Dawid and Skene 1979, Applied Statistics 28(1)",
        objective="log-likelihood plus the log-density of the Dirichlet prior",
        intervals=True,
        gold=True,
    )

    def __post_init__(self) -> None:
        if self.max_iter < 1:
            raise SettingError(f"max_iter is {self.max_iter}.", mend="It is a whole number from 1 up.")
        for name in ("tol", "smoothing"):
            value = getattr(self, name)
            if not (value >= 0 and np.isfinite(value)):
                raise SettingError(f"{name} is {value}.", mend="It is a number from 0 up.")

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Fit the model. `gold` items keep their label throughout, and so inform the raters' confusion matrices."""
        # The classes are summed in an order that their names do not decide: rounding then cannot decide either.
        order = by_frequency(answers)
        state, convergence, clamp = self._climbed(answers.with_classes(order), gold)
        state = state.with_classes(np.argsort(order))
        labels = label_frame(answers, state.posterior, answers.counts(), seed=self.seed)
        raters = rater_frame(answers, state.right, answers.per_rater().astype(float))
        notices = (*answers.notices, *clamp.notices)
        return self._concluded(answers, labels, raters, state, convergence, notices)

    def _climbed(self, answers: Answers, gold: GoldLike | None) -> tuple[_State, Convergence, Clamp]:
        operator = SparseOperator.of(answers)
        clamp = Clamp.of(None if gold is None else as_gold(gold), answers)
        start = _State.begin(vote_shares(answers, answers.counts()))
        clamp.hold(start.posterior)

        def step(state: _State) -> _State:
            return _expect(_maximise(state.posterior, operator, self.smoothing), operator, clamp)

        enough = self.tol * max(len(answers), 1)
        state, convergence = climb(step, start, max_iter=self.max_iter, tol=enough)
        right = np.trace(operator.counts(state.posterior), axis1=1, axis2=2)
        return replace(state, right=right), convergence, clamp

    def _concluded(
        self,
        answers: Answers,
        labels: pl.DataFrame,
        raters: pl.DataFrame,
        state: _State,
        convergence: Convergence,
        notices: tuple[str, ...],
    ) -> Consensus:
        model = state.model
        if not convergence.converged:
            notices += (f"The fit did not converge in {self.max_iter} steps: more may change the labels.",)
        return Consensus(
            method=self.name,
            items=answers.items,
            classes=answers.classes,
            probabilities=state.posterior,
            labels=labels,
            raters=raters,
            class_prior=model.prior,
            confusion=model.confusion,
            log_likelihood=state.log_likelihood,
            objective=state.objective,
            history=convergence.history,
            n_iter=convergence.n_iter,
            converged=convergence.converged,
            notices=notices,
        )


@dataclass(frozen=True, eq=False)
class _Model:
    """The parameters: class shares, the raters' confusion matrices and their logarithms, the prior's log-density."""

    prior: Floats
    confusion: Floats
    log_confusion: Floats
    log_density: float


@dataclass(frozen=True, eq=False)
class _State:
    """A posterior (items, classes), the parameters it follows from, and how good they are.

    `right`: how many answers of each rater are right under the posterior, known when the fit is done.
    """

    posterior: Floats
    model: _Model
    log_likelihood: float
    objective: float
    right: Floats = field(default_factory=lambda: np.empty(0))

    @classmethod
    def begin(cls, posterior: Floats) -> _State:
        nothing = np.empty(0)
        return cls(posterior, _Model(nothing, nothing, nothing, 0.0), -np.inf, -np.inf)

    def with_classes(self, order: NDArray[np.intp]) -> _State:
        """The same with the classes in another order."""
        squares = np.ix_(np.arange(len(self.model.confusion)), order, order)
        model = replace(self.model, prior=self.model.prior[order], confusion=self.model.confusion[squares])
        return replace(self, posterior=np.ascontiguousarray(self.posterior[:, order]), model=model)


def _maximise(posterior: Floats, operator: Operator, smoothing: float) -> _Model:
    """The M-step. A rater who met no item of a class gets equal shares there."""
    confusion = operator.counts(posterior)
    confusion += smoothing
    total = confusion.sum(axis=2, keepdims=True)
    met = total > 0
    confusion /= np.where(met, total, 1.0)
    confusion += np.where(met, 0.0, 1.0 / confusion.shape[2])
    log_confusion = np.log(np.maximum(confusion, _TINY))
    log_density = smoothing * float(log_confusion.sum()) if smoothing else 0.0
    prior = np.einsum("nk->k", posterior) / max(len(posterior), 1)
    return _Model(prior, confusion, log_confusion, log_density)


def _expect(model: _Model, operator: Operator, clamp: Clamp) -> _State:
    """The E-step; known items count with the likelihood of their known class."""
    scores = operator.scores(model.log_confusion)
    scores += np.log(np.maximum(model.prior, _TINY))
    joint = clamp.joint(scores)
    log_norms = normalise(scores)
    log_norms[clamp.items] = joint
    clamp.hold(scores)
    log_likelihood = float(log_norms.sum())
    return _State(scores, model, log_likelihood, log_likelihood + model.log_density)

"""Dawid and Skene's model with raters who learn from each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import psi

from middlemost.consensus.em import TINY, Crowd, Model, State
from middlemost.consensus.history import counts_of
from middlemost.consensus.settings import not_negative, positive, whole
from middlemost.consensus.shrinkage import Shrinkage
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.results import Consensus
from middlemost.registry import Traits

Floats = NDArray[np.float64]
_CLASS_WEIGHT = 0.1
_RISES = 2
_WARM_RISES = 20


@dataclass(frozen=True)
class PooledDawidSkene:
    """Dawid and Skene's model, each rater's confusion matrix shrunk to what the raters have in common: the default.

    Each row of a rater's matrix has a Dirichlet prior worth `strength` answers: half of it at the confusion of all
    raters together, half at the rater's own accuracy with errors as all make them; both are estimated from the answers
    (empirical Bayes). The matrices are integrated out by variational Bayes, so that a rater with few answers counts for
    little. The class shares have a prior at the shares of the votes, worth a tenth of the items: no class dies out. As
    raters err alike on hard items, an item's n answers count as n / (1 + (n - 1) · `correlation`). All of it raises one
    lower bound of the log-evidence; it stops when that rises by less than `tol` an answer, or after `max_iter` steps.
    `confusion` has the posterior means. `abstain` and `seed` as of `DawidSkene`. Its confidences are lower than those
    of `DawidSkene`, and still not calibrated.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> PooledDawidSkene().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    max_iter: int = 100
    tol: float = 1e-6
    strength: float = 8.0
    correlation: float = 0.01
    seed: int = 0
    abstain: str | None = None

    name: ClassVar[str] = "pooled-dawid-skene"
    traits: ClassVar[Traits] = Traits(
        source="after Dawid and Skene 1979; Kim and Ghahramani 2012, AISTATS; Paun et al. 2018, TACL 6",
        objective="lower bound of the log-evidence",
        intervals=True,
        gold=True,
        abstain=True,
        history=True,
        start=True,
        predicts=True,
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol, correlation=self.correlation)
        positive(strength=self.strength)

    def fit(
        self,
        answers: Answers,
        gold: GoldLike | None = None,
        *,
        start: Consensus | None = None,
        history: pl.DataFrame | None = None,
    ) -> Consensus:
        """Fit the model. `gold`, `start` and `history` as of `DawidSkene.fit`."""
        whole_crowd = Crowd.of(answers, gold, self.abstain)
        crowd = whole_crowd.discounted(self.correlation)
        known = None if history is None else counts_of(history, crowd.answers)
        shrinkage = Shrinkage.of(crowd.operator.counts(crowd.shares()), self.strength, known)
        nothing = np.empty(0)
        begun = State(crowd.begin(start), _Pooled(nothing, nothing, nothing, 0.0, shrinkage))
        first_rises = _RISES if start is None else _WARM_RISES

        def step(state: State[_Pooled]) -> State[_Pooled]:
            rises = first_rises if state is begun else _RISES
            return crowd.expect(_maximise(crowd, state.posterior, state.model.shrinkage, rises))

        state, convergence = crowd.climb(step, begun, max_iter=self.max_iter, tol=self.tol)
        return whole_crowd.concluded(
            self.name, state, convergence, seed=self.seed, log_likelihood=_log_likelihood(whole_crowd, state)
        )


@dataclass(frozen=True, eq=False)
class _Pooled(Model):
    """Expected logarithms in place of logarithms, and the prior that the matrices were shrunk by."""

    shrinkage: Shrinkage


def _maximise(crowd: Crowd, posterior: Floats, shrinkage: Shrinkage, rises: int) -> _Pooled:
    """Raise the bound: first the raters' common prior, then each rater's Dirichlet posterior, then the class shares."""
    counts = crowd.operator.counts(posterior)
    shrinkage, evidence = shrinkage.raised(counts, rises=rises)
    pseudo = shrinkage.pseudo_counts + counts
    total = pseudo.sum(axis=2, keepdims=True)
    expected_log = psi(pseudo) - psi(total)
    weight = _CLASS_WEIGHT * len(posterior) * crowd.class_shares()
    prior = np.einsum("nk->k", posterior) + weight
    prior /= prior.sum()
    # The evidence of the counts less their expected logarithms is minus the divergence of the posterior from the prior.
    log_density = evidence - float((counts * expected_log).sum()) + float(weight @ np.log(np.maximum(prior, TINY)))
    return _Pooled(prior, pseudo / total, expected_log, log_density, shrinkage)


def _log_likelihood(crowd: Crowd, state: State[_Pooled]) -> float:
    """The plain log-likelihood of all answers under the class shares and the means of the confusion matrices."""
    model = state.model
    plain = Model(model.prior, model.confusion, np.log(np.maximum(model.confusion, TINY)), 0.0)
    return crowd.expect(plain).log_likelihood

"""The model of Dawid and Skene (1979)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus.em import NONE_YET, TINY, Crowd, Model, State
from middlemost.consensus.history import counts_of
from middlemost.consensus.settings import not_negative, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.results import Consensus
from middlemost.errors import SettingError
from middlemost.registry import Traits

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DawidSkene:
    """Dawid and Skene (1979): each rater has a confusion matrix, each item a hidden true class; fitted by EM.

    Starts from the shares of the votes and stops when the objective rises by less than `tol` an answer, or after
    `max_iter` steps. `smoothing` is added to each cell of the confusion matrices (a Dirichlet prior), so that a rater
    with few answers is not taken for perfect; 0 gives maximum likelihood. `class_prior` (label -> share) holds the
    class shares where they are known. `abstain` is the answer that says that the rater cannot tell: it is evidence
    like any other, but never a label. `seed` breaks ties. Its confidences are too high on most real data: they are not
    calibrated.

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
    class_prior: Mapping[str, float] | None = None
    abstain: str | None = None

    name: ClassVar[str] = "dawid-skene"
    traits: ClassVar[Traits] = Traits(
        source="Dawid and Skene 1979, Applied Statistics 28(1)",
        objective="log-likelihood plus the log-density of the Dirichlet prior",
        intervals=True,
        gold=True,
        abstain=True,
        history=True,
        start=True,
        predicts=True,
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol, smoothing=self.smoothing)
        check_shares(self.class_prior)

    def fit(
        self,
        answers: Answers,
        gold: GoldLike | None = None,
        *,
        start: Consensus | None = None,
        history: pl.DataFrame | None = None,
    ) -> Consensus:
        """Fit the model. `gold` items keep their label throughout, and so inform the raters' confusion matrices.

        `start`, an earlier result, is where EM begins in place of the votes: after a few new answers it is soon done.
        `history`, a frame (rater, label, answer, count) such as `confusion_frame` gives, tells what is known of raters
        from elsewhere: its counts are added to theirs in each M-step.
        """
        crowd = Crowd.of(answers, gold, self.abstain)
        m_step = MaximumPosterior.of(crowd, self.smoothing, self.class_prior, history)
        begun = State(np.empty(0), NONE_YET)

        def step(state: State[Model]) -> State[Model]:
            posterior = crowd.begin(start) if state is begun else state.posterior
            return crowd.expect(m_step(posterior), into=posterior)

        state, convergence = crowd.climb(step, begun, max_iter=self.max_iter, tol=self.tol)
        return crowd.concluded(self.name, state, convergence, seed=self.seed)


@dataclass(frozen=True, eq=False)
class MaximumPosterior:
    """The M-step of a confusion matrix for each rater under a Dirichlet prior with `pseudo` counts.

    `prior`: the class shares where they are fixed.
    """

    crowd: Crowd
    pseudo: Floats | float
    prior: Floats | None

    @classmethod
    def of(
        cls, crowd: Crowd, smoothing: float, class_prior: Mapping[str, float] | None, history: pl.DataFrame | None
    ) -> MaximumPosterior:
        """From the settings, and counts of the raters' earlier answers."""
        pseudo = smoothing if history is None else counts_of(history, crowd.answers) + smoothing
        return cls(crowd, pseudo, crowd.fixed_prior(class_prior))

    def __call__(self, posterior: Floats) -> Model:
        """The most probable parameters. A rater who met no item of a class gets equal shares there."""
        confusion = self.crowd.operator.counts(posterior)
        confusion += self.pseudo
        total = confusion.sum(axis=2, keepdims=True)
        met = total > 0
        confusion /= np.where(met, total, 1.0)
        confusion += np.where(met, 0.0, 1.0 / confusion.shape[2])
        log_confusion = np.log(np.maximum(confusion, TINY))
        log_density = float((self.pseudo * log_confusion).sum()) if np.any(self.pseudo) else 0.0
        return Model(self._class_shares(posterior), confusion, log_confusion, log_density)

    def _class_shares(self, posterior: Floats) -> Floats:
        if self.prior is not None:
            return self.prior
        return np.asarray(np.einsum("nk->k", posterior) / max(len(posterior), 1))


def check_shares(class_prior: Mapping[str, float] | None) -> None:
    """Raise SettingError unless each share is a number above 0."""
    for name, share in (class_prior or {}).items():
        if not (share > 0 and np.isfinite(share)):
            raise SettingError(f"class_prior[{name!r}] is {share}.", mend="It is a number above 0.")

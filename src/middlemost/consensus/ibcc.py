"""Independent Bayesian classifier combination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from middlemost.consensus.case import Case
from middlemost.consensus.grouped import Beliefs, GroupedModel, expectation
from middlemost.consensus.settings import not_negative, positive, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.operator import SparseOperator
from middlemost.core.results import Consensus
from middlemost.registry import Traits


@dataclass(frozen=True)
class IBCC:
    """Kim and Ghahramani (2012), by variational Bayes: Dawid and Skene's model with beliefs for parameters.

    Each row of a rater's confusion matrix has a Dirichlet prior, `right` for the right answer and `wrong` for each
    other; the class shares a flat one. Starts from the shares of the votes and stops when the evidence lower bound
    rises by less than `tol` an answer, or after `max_iter` steps. `confusion` and `class_prior` are posterior means, at
    which `log_likelihood` is taken. `seed` breaks ties.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> IBCC().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    right: float = 4.0
    wrong: float = 1.0
    max_iter: int = 100
    tol: float = 1e-6
    seed: int = 0

    name: ClassVar[str] = "ibcc"
    traits: ClassVar[Traits] = Traits(
        source="Kim and Ghahramani 2012, AISTATS; Simpson et al. 2013, Decision Making and Imperfection",
        objective="evidence lower bound",
        intervals=True,
        gold=True,
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter)
        not_negative(tol=self.tol)
        positive(right=self.right, wrong=self.wrong)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Fit the model. `gold` items keep their label throughout, and so inform the raters' confusion matrices."""
        case, operator = Case.of(answers, gold), SparseOperator.of(answers)
        confusion = expectation(answers, self.right, self.wrong, 1)
        prior = Beliefs(np.ones(answers.n_classes), np.ones((answers.n_classes, 1)), confusion)
        model = GroupedModel(operator, case.clamp, prior)
        enough = self.tol * max(len(answers), 1)
        state, convergence = model.fit(case.shares()[:, :, None], max_iter=self.max_iter, tol=enough)
        return model.concluded(self.name, case, state, convergence, seed=self.seed)

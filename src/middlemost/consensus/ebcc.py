"""Enhanced Bayesian classifier combination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.case import Case
from middlemost.consensus.grouped import Beliefs, GroupedModel, State, expectation
from middlemost.consensus.settings import not_negative, positive, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.operator import SparseOperator
from middlemost.core.results import Consensus
from middlemost.core.room import require_room
from middlemost.inference.fixed_point import Convergence
from middlemost.registry import Traits

Floats = NDArray[np.float64]
_TABLES = 4


@dataclass(frozen=True)
class EBCC:
    """Li, Rubinstein and Cohn (2019), by variational Bayes: raters who err together on the same kinds of items.

    The items of a class fall into `groups` hidden groups, each with its own confusion matrices: within a class, raters
    are then correlated. Rows of the matrices have a Dirichlet prior, `right` for the right answer and `wrong` for each
    other; the group shares one of `spread`, small for few groups; the class shares are expected as the votes have
    them. Of `restarts` random divisions into groups (by `seed`, which breaks ties too), the one with the highest
    evidence lower bound is kept; each stops when its bound rises by less than `tol` an answer, or after `max_iter`
    steps (many answers to an item need some hundreds). `confusion` is the posterior mean over the groups.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbcccddd"), "rater": list("xyz" * 4), "answer": list("112221112221")})
    >>> EBCC().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1', '2']
    """

    groups: int = 10
    spread: float = 0.1
    right: float = 4.0
    wrong: float = 1.0
    restarts: int = 10
    max_iter: int = 500
    tol: float = 1e-6
    seed: int = 0

    name: ClassVar[str] = "ebcc"
    traits: ClassVar[Traits] = Traits(
        source="Li, Rubinstein and Cohn 2019, International Conference on Machine Learning",
        objective="evidence lower bound",
        intervals=True,
        gold=True,
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter, groups=self.groups, restarts=self.restarts)
        not_negative(tol=self.tol)
        positive(right=self.right, wrong=self.wrong, spread=self.spread)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Fit the model. `gold` items keep their label throughout, and so inform the raters' confusion matrices.

        Raises SettingError where the tables of (raters, classes, groups, answers) would not fit in memory.
        """
        self._require_room(answers)
        case = Case.of(answers, gold)
        model = GroupedModel(SparseOperator.of(answers), case.clamp, self._prior(case))
        state, convergence = self._best(case, model)
        return model.concluded(self.name, case, state, convergence, seed=self.seed)

    def _require_room(self, answers: Answers) -> None:
        n_items, n_raters, n_classes = answers.n_items, answers.n_raters, answers.n_classes
        what = f"{n_raters:,} raters, {n_items:,} items, {n_classes:,} classes, {self.groups} groups"
        # The beliefs of three steps are held at a time, with their logarithms.
        cells = _TABLES * self.groups * n_classes * max(n_items, n_raters * n_classes)
        require_room(cells, what, each="in all", mend="Take fewer groups, or IBCC, which has one.")

    def _prior(self, case: Case) -> Beliefs:
        groups = np.full((case.answers.n_classes, self.groups), self.spread)
        confusion = expectation(case.answers, self.right, self.wrong, self.groups)
        return Beliefs(np.einsum("nk->k", case.shares()) + 1.0, groups, confusion)

    def _best(self, case: Case, model: GroupedModel) -> tuple[State, Convergence]:
        """The restart with the highest bound; among those level up to rounding, the first."""
        shares, enough = case.shares()[:, :, None], self.tol * max(len(case.answers), 1)
        best: tuple[State, Convergence] | None = None
        for restart in range(self.restarts):
            rng = np.random.default_rng([self.seed, restart])
            division = rng.dirichlet(np.ones(self.groups), size=len(shares))
            found = model.fit(shares * division[:, None, :], max_iter=self.max_iter, tol=enough)
            if best is None or found[0].objective > best[0].objective + enough:
                best = found
        assert best is not None  # noqa: S101 - there is at least one restart
        return best

"""What a fit begins with and ends in, whatever lies between: answers and gold in, a `Consensus` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus.ballot import Ballot
from middlemost.consensus.clamp import Clamp
from middlemost.consensus.concluded import label_frame, rater_frame, vote_shares
from middlemost.consensus.others import Judged, Others, winners
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike, as_gold
from middlemost.core.results import Consensus
from middlemost.core.short_rows import sums

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Case:
    """The answers, the items whose label is known, and the votes: counted, and as sparse products."""

    answers: Answers
    clamp: Clamp
    counts: NDArray[np.int64]
    ballot: Ballot

    @classmethod
    def of(cls, answers: Answers, gold: GoldLike | None, voter: NDArray[np.integer] | None = None) -> Case:
        """Gather them; `voter` is for the ballot. Raises SettingError where tables would not fit in memory."""
        ballot = Ballot.of(answers, voter)
        clamp = Clamp.of(None if gold is None else as_gold(gold), answers)
        return cls(answers, clamp, answers.counts(), ballot)

    def shares(self) -> Floats:
        """The shares of each item's votes, (items, classes); certainty where the label is known."""
        shares = vote_shares(self.answers, self.counts)
        self.clamp.hold(shares)
        return shares

    def weighted_shares(self, weights: Floats) -> Floats:
        """The same with a weight from 0 up for each rater."""
        return self._of_each_item(self.ballot.votes(weights))

    def shares_for_and_against(self, votes: Floats, against: Floats) -> Floats:
        """The same from weights (items, classes) for each class, and against it: those go evenly to the others."""
        others = max(self.answers.n_classes - 1, 1)
        return self._of_each_item(votes + (sums(against)[:, None] - against) / others)

    def _of_each_item(self, votes: Floats) -> Floats:
        total = sums(votes)[:, None]
        heard = total > 0
        shares = votes / np.where(heard, total, 1.0)
        if not heard.all():
            shares = np.where(heard, shares, vote_shares(self.answers, self.counts))
        self.clamp.hold(shares)
        return shares

    def winners(self, shares: Floats) -> Floats:
        """Certainty of the class with the highest share (items, classes), divided evenly among tied ones."""
        first = winners(shares)
        self.clamp.hold(first)
        return first

    @cached_property
    def others(self) -> Others:
        """The answers, for what the others say of each."""
        return Others.of(self.answers, self.clamp)

    def judged_by_votes(self, weights: Floats) -> Judged:
        """Each rater by the weighted majority of the others, where each rater has a weight."""
        return self.others.judge_winners(self.ballot.votes(weights), weights[self.answers.rater])

    @property
    def by_cell(self) -> NDArray[np.intp]:
        """The positions of the answers in the order of the ballot's cells."""
        return np.lexsort((self.answers.rater, self.answers.cells()))

    def concluded(
        self,
        method: str,
        probabilities: Floats,
        judged: Judged,
        *,
        seed: int,
        columns: Mapping[str, Floats] | None = None,
        item_columns: Mapping[str, Floats] | None = None,
        converged: bool = True,
        n_iter: int = 0,
        **fields: Any,
    ) -> Consensus:
        """The result. `judged`: by rater, how many answers are right as the others say, among how many compared.

        `columns` and `item_columns` are added to the frames of raters and labels; `fields` are others of `Consensus`.
        """
        answers = self.answers
        labels = label_frame(answers, probabilities, self.counts, seed=seed)
        raters = rater_frame(answers, *judged)
        fields.setdefault("class_prior", np.einsum("nk->k", probabilities) / max(len(probabilities), 1))
        return Consensus(
            method=method,
            items=answers.items,
            classes=answers.classes,
            probabilities=probabilities,
            labels=labels.with_columns(pl.Series(name, values) for name, values in (item_columns or {}).items()),
            raters=raters.with_columns(pl.Series(name, values) for name, values in (columns or {}).items()),
            converged=converged,
            n_iter=n_iter,
            notices=(*answers.notices, *self.clamp.notices, *(() if converged else not_converged(n_iter))),
            **fields,
        )


def not_converged(n_iter: int) -> tuple[str, ...]:
    """The notice for a fit that was cut short."""
    return (f"The fit did not converge in {n_iter} steps: more may change the labels.",)

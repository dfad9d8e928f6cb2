"""What a fit begins with and ends in, whatever lies between: answers and gold in, a `Consensus` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus.ballot import Ballot
from middlemost.consensus.clamp import Clamp
from middlemost.consensus.concluded import label_frame, rater_frame, vote_shares
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike, as_gold
from middlemost.core.results import Consensus
from middlemost.core.short_rows import sums
from middlemost.core.ties import tied

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Case:
    """The answers, the items whose label is known, and the votes: counted, and as sparse products."""

    answers: Answers
    clamp: Clamp
    counts: NDArray[np.int64]
    ballot: Ballot

    @classmethod
    def of(cls, answers: Answers, gold: GoldLike | None, *, each_answer: bool = False) -> Case:
        """Gather them; `each_answer` is for the ballot. Raises SettingError where tables would not fit in memory."""
        ballot = Ballot.of(answers, each_answer=each_answer)
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
        first = tied(shares).astype(float)
        first /= sums(first)[:, None]
        self.clamp.hold(first)
        return first

    def concluded(
        self,
        method: str,
        probabilities: Floats,
        *,
        seed: int,
        columns: Mapping[str, Floats] | None = None,
        item_columns: Mapping[str, Floats] | None = None,
        **fields: Any,
    ) -> Consensus:
        """The result: a rater is as accurate as the `probabilities` (items, classes) at their answers say.

        `columns` and `item_columns` are added to the frames of raters and labels; `fields` are others of `Consensus`.
        """
        answers = self.answers
        right = self.ballot.credits(probabilities).reshape(answers.n_raters, -1).sum(axis=1)
        labels = label_frame(answers, probabilities, self.counts, seed=seed)
        raters = rater_frame(answers, right, answers.per_rater().astype(float))
        fields.setdefault("class_prior", np.einsum("nk->k", probabilities) / max(len(probabilities), 1))
        return Consensus(
            method=method,
            items=answers.items,
            classes=answers.classes,
            probabilities=probabilities,
            labels=labels.with_columns(pl.Series(name, values) for name, values in (item_columns or {}).items()),
            raters=raters.with_columns(pl.Series(name, values) for name, values in (columns or {}).items()),
            notices=(*answers.notices, *self.clamp.notices, *fields.pop("notices", ())),
            **fields,
        )


def not_converged(n_iter: int) -> tuple[str, ...]:
    """The notice for a fit that was cut short."""
    return (f"The fit did not converge in {n_iter} steps: more may change the labels.",)

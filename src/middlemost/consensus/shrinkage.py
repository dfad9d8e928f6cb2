"""What raters have in common, as a prior for the confusion matrix of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, psi

Floats = NDArray[np.float64]
_FLOOR = 0.5
_COMMON = 0.5
_SKILL = 2.0


@dataclass(frozen=True, eq=False)
class Shrinkage:
    """A Dirichlet prior for each row of each rater's confusion matrix, in pseudo-counts.

    Of its `strength`, half has the shape of `common` (true, answered), the confusion of all raters; half is one coin:
    right with the rater's own `skill`, else an error as in `errors` (true, answered; nothing on the diagonal). Each
    cell has half an answer more (Jeffreys), and the rater's history. The sum of a row never changes.
    `centre` is the skill expected before a rater is known.
    """

    common: Floats
    errors: Floats
    skill: Floats
    strength: float
    centre: float
    history: Floats | None = None

    @classmethod
    def of(cls, counts: Floats, strength: float, history: Floats | None = None) -> Shrinkage:
        """Begin from counts (raters, true, answered) under the votes."""
        total = counts.sum(axis=0) + _COMMON
        errors = _off_diagonal(total)
        right = np.trace(counts, axis1=1, axis2=2)
        # Held off 0 and 1, where a skill could never leave.
        centre = float(np.clip(np.trace(total) / total.sum(), 0.05, 0.95))
        skill = (right + 2 * _SKILL * centre) / (counts.sum(axis=(1, 2)) + 2 * _SKILL)
        return cls(_rows(total), _rows(errors), skill, strength, centre, history)

    @cached_property
    def pseudo_counts(self) -> Floats:
        """The prior's parameters, shape (raters, true, answered)."""
        half = self.strength / 2
        pseudo = half * (1 - self.skill)[:, None, None] * self.errors
        pseudo += _FLOOR + half * self.common
        np.einsum("rkk->rk", pseudo)[:] += half * self.skill[:, None]
        return pseudo if self.history is None else pseudo + self.history

    def raised(self, counts: Floats, *, rises: int) -> tuple[Shrinkage, float]:
        """A prior under which `counts` have more evidence, and how much (with its own log-density).

        No step lowers the evidence but by rounding, so that it is enough to look once, at the end.
        """
        raised, before = self, self._evidence(counts)
        for _ in range(rises):
            raised = raised._step(counts)
        after = raised._evidence(counts)
        return (raised, after) if after > before else (self, before)

    def _evidence(self, counts: Floats) -> float:
        """The logarithm of the Dirichlet-multinomial probability of the counts, plus the density of the parameters."""
        pseudo = self.pseudo_counts
        rows = gammaln(pseudo.sum(axis=2)) - gammaln((pseudo + counts).sum(axis=2))
        cells = gammaln(pseudo + counts) - gammaln(pseudo)
        n_classes = len(self.common)
        density = _COMMON / n_classes * (_log_sum(self.common) + _log_sum(self.errors))
        skill = self.centre * np.log(self.skill) + (1 - self.centre) * np.log1p(-self.skill)
        return float(cells.sum() + rows.sum() + density + _SKILL * skill.sum())

    def _step(self, counts: Floats) -> Shrinkage:
        """Minka's fixed point (2000) for the parts of the pseudo-counts: each gets its share of the cell's pull."""
        pseudo = self.pseudo_counts
        pull = psi(pseudo + counts) - psi(pseudo)
        half, prior = self.strength / 2, _COMMON / len(self.common)
        common = half * self.common * pull.sum(axis=0) + prior
        missed = half * np.einsum("r,rkl->kl", 1 - self.skill, pull)
        errors = self.errors * missed + _off_diagonal(np.full_like(self.common, prior))
        right = half * self.skill * np.trace(pull, axis1=1, axis2=2)
        wrong = half * (1 - self.skill) * np.einsum("kl,rkl->r", self.errors, pull)
        skill = (right + _SKILL * self.centre) / (right + wrong + _SKILL)
        return replace(self, common=_rows(common), errors=_rows(errors), skill=np.clip(skill, 1e-9, 1 - 1e-9))


def _off_diagonal(table: Floats) -> Floats:
    return np.asarray(table * (1.0 - np.eye(len(table))))


def _rows(table: Floats) -> Floats:
    """Each row as shares; a row of nothing stays so."""
    total = table.sum(axis=1, keepdims=True)
    return np.asarray(table / np.where(total > 0, total, 1.0))


def _log_sum(shares: Floats) -> float:
    """The sum of the logarithms of the shares above 0."""
    return float(np.log(shares[shares > 0]).sum())

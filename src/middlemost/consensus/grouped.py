"""Variational Bayes for raters with confusion matrices, where the items of a class may fall into groups.

The engine of IBCC (one group) and EBCC (several). An item's hidden state is its class k and group g within the class;
class shares, group shares of a class, and each rater's answers in each state have Dirichlet priors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.clamp import Clamp
from middlemost.core.answers import Answers
from middlemost.core.operator import SparseOperator
from middlemost.inference.dirichlet import divergence, expected_log
from middlemost.inference.fixed_point import Convergence, climb
from middlemost.inference.softmax import normalise

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Beliefs:
    """What is believed of the parameters: concentrations of Dirichlet distributions over their last axes.

    `classes` (classes,), `groups` (classes, groups), `confusion` (raters, classes, groups, answers).
    """

    classes: Floats
    groups: Floats
    confusion: Floats

    def means(self) -> Beliefs:
        """The mean shares."""
        parts = (self.classes, self.groups, self.confusion)
        return Beliefs(*(part / part.sum(axis=-1, keepdims=True) for part in parts))

    def expected_logs(self) -> Beliefs:
        """The mean logarithms of the shares."""
        return Beliefs(*(expected_log(part) for part in (self.classes, self.groups, self.confusion)))


@dataclass(frozen=True, eq=False)
class State:
    """The posterior of the items' states (items, classes, groups), what it makes believe, and the bound."""

    posterior: Floats
    beliefs: Beliefs
    objective: float


@dataclass(frozen=True, eq=False)
class GroupedModel:
    """The answers and the prior (`Beliefs` whose `confusion` has one rater); `fit` raises the evidence lower bound."""

    operator: SparseOperator
    clamp: Clamp
    prior: Beliefs

    @classmethod
    def of(cls, answers: Answers, clamp: Clamp, prior: Beliefs) -> GroupedModel:
        """Build the sparse operator; raises SettingError where the tables would not fit in memory."""
        return cls(SparseOperator.of(answers), clamp, prior)

    def fit(self, start: Floats, *, max_iter: int, tol: float) -> tuple[State, Convergence]:
        """From a posterior (items, classes, groups), until the bound rises by less than `tol`."""
        return climb(self._step, State(start, self.prior, -np.inf), max_iter=max_iter, tol=tol)

    def log_likelihood(self, beliefs: Beliefs) -> float:
        """Of the answers, at the mean of the parameters."""
        means = beliefs.means()
        return self._expect(Beliefs(np.log(means.classes), np.log(means.groups), np.log(means.confusion)))[1]

    def _step(self, state: State) -> State:
        beliefs = self._believe(state.posterior)
        logs = beliefs.expected_logs()
        posterior, evidence = self._expect(logs)
        pairs = zip(_parts(beliefs), _parts(self.prior), _parts(logs), strict=True)
        return State(posterior, beliefs, evidence - sum(divergence(*pair) for pair in pairs))

    def _believe(self, posterior: Floats) -> Beliefs:
        n_raters, n_answers = self.operator.shape
        _, n_classes, n_groups = posterior.shape
        told = self.operator.matrix.T @ posterior.reshape(len(posterior), n_classes * n_groups)
        confusion = told.reshape(n_raters, n_answers, n_classes, n_groups).transpose(0, 2, 3, 1)
        states = np.einsum("nkg->kg", posterior)
        prior = self.prior
        return Beliefs(states.sum(axis=1) + prior.classes, states + prior.groups, confusion + prior.confusion)

    def _expect(self, logs: Beliefs) -> tuple[Floats, float]:
        n_classes, n_groups = logs.groups.shape
        by_answer = logs.confusion.transpose(0, 3, 1, 2).reshape(-1, n_classes * n_groups)
        scores = np.asarray(self.operator.matrix @ by_answer)
        scores += (logs.classes[:, None] + logs.groups).ravel()
        states = scores.reshape(-1, n_classes, n_groups)
        ruled_out = np.ones((len(self.clamp.items), n_classes), dtype=bool)
        ruled_out[np.arange(len(ruled_out)), self.clamp.classes] = False
        states[self.clamp.items] += np.where(ruled_out, -np.inf, 0.0)[:, :, None]
        return states, float(normalise(scores).sum())


def _parts(beliefs: Beliefs) -> tuple[Floats, Floats, Floats]:
    return beliefs.classes, beliefs.groups, beliefs.confusion

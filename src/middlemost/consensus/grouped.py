"""Variational Bayes for raters with confusion matrices, where the items of a class may fall into groups.

The engine of IBCC (one group) and EBCC (several). An item's hidden state is its class k and group g within the class;
class shares, group shares of a class, and each rater's answers in each state have Dirichlet priors. Groups that no item
is left in are put aside: most are empty after some steps, and would cost as much as the others to the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from middlemost.consensus.case import Case
from middlemost.consensus.clamp import Clamp
from middlemost.consensus.others import Judged, probable
from middlemost.core.answers import Answers
from middlemost.core.operator import SparseOperator
from middlemost.core.results import Consensus
from middlemost.inference.dirichlet import divergence, expected_log
from middlemost.inference.fixed_point import Convergence, climb
from middlemost.inference.softmax import normalise

Floats = NDArray[np.float64]
_EMPTY = 1e-3
_LONGER = 1.4


@dataclass(frozen=True, eq=False)
class Beliefs:
    """What is believed of the parameters: concentrations of Dirichlet distributions over their last axes.

    `classes` (classes,), `groups` (classes, groups), `confusion` (raters, classes, groups, answers); this last may have
    fewer groups, the first of them: the others are as in the prior.
    """

    classes: Floats
    groups: Floats
    confusion: Floats

    def first(self, n_groups: int) -> Beliefs:
        """The same with the matrices of the first groups only."""
        return replace(self, confusion=self.confusion[:, :, :n_groups])

    def beyond(self, other: Beliefs, stride: float, least: Beliefs) -> Beliefs:
        """`stride` times as far as from here to `other`, but nowhere below `least`."""
        ways = zip(_parts(self), _parts(other), _parts(least), strict=True)
        return Beliefs(*(np.maximum(here + stride * (there - here), floor) for here, there, floor in ways))

    def means(self) -> Beliefs:
        """The mean shares."""
        parts = (self.classes, self.groups, self.confusion)
        return Beliefs(*(part / part.sum(axis=-1, keepdims=True) for part in parts))

    def expected_logs(self) -> Beliefs:
        """The mean logarithms of the shares."""
        return Beliefs(*(expected_log(part) for part in (self.classes, self.groups, self.confusion)))


@dataclass(frozen=True, eq=False)
class State:
    """The posterior of the items' states (items, classes, groups), what it follows from, and the bound.

    `stride`: how many times as far as the plain step the next one is tried to go; 1 is the plain step.
    """

    posterior: Floats
    beliefs: Beliefs
    objective: float
    stride: float = 1.0


@dataclass(frozen=True, eq=False)
class GroupedModel:
    """The answers and the prior (`Beliefs` whose `confusion` has one rater); `fit` raises the evidence lower bound."""

    operator: SparseOperator
    clamp: Clamp
    prior: Beliefs

    def fit(self, start: Floats, *, max_iter: int, tol: float) -> tuple[State, Convergence]:
        """From a posterior (items, classes, groups), until the bound rises by less than `tol`.

        The posterior that it ends in has the groups that items are left in, one of each class at least; its beliefs
        have all.
        """
        state, convergence = climb(self._step, State(start, self.prior, -np.inf), max_iter=max_iter, tol=tol)
        return replace(state, beliefs=self._all_groups(state.beliefs)), convergence

    def concluded(self, method: str, case: Case, state: State, convergence: Convergence, *, seed: int) -> Consensus:
        """The result of `fit`, at the posterior means of the parameters."""
        means = state.beliefs.means()
        return case.concluded(
            method,
            state.posterior.sum(axis=2),
            self._judged(case, state),
            seed=seed,
            class_prior=means.classes,
            confusion=np.einsum("kg,wkga->wka", means.groups, means.confusion),
            log_likelihood=self.log_likelihood(state.beliefs),
            objective=state.objective,
            history=convergence.history,
            n_iter=convergence.n_iter,
            converged=convergence.converged,
        )

    def log_likelihood(self, beliefs: Beliefs) -> float:
        """Of the answers, at the mean of the parameters."""
        means = beliefs.means()
        return self._expect(Beliefs(np.log(means.classes), np.log(means.groups), np.log(means.confusion)))[1]

    def _step(self, state: State) -> State:
        """A stride beyond the plain step, longer each time that it does not lower the bound; else the plain step."""
        posterior = _without_empty_groups(state.posterior)
        plain = self._believe(posterior)
        if state.stride > 1 and posterior is state.posterior:
            least = self.prior.first(posterior.shape[2])
            bold = self._evaluated(state.beliefs.beyond(plain, state.stride, least), state.stride * _LONGER)
            if bold.objective >= state.objective:
                return bold
            return self._evaluated(plain, 1.0)
        return self._evaluated(plain, state.stride * _LONGER)

    def _evaluated(self, beliefs: Beliefs, stride: float) -> State:
        """The posterior under these beliefs, and the bound there."""
        logs = beliefs.expected_logs()
        posterior, evidence = self._expect(logs)
        prior = self.prior.first(posterior.shape[2])
        pairs = zip(_parts(beliefs), _parts(prior), _parts(logs), strict=True)
        return State(posterior, beliefs, evidence - sum(divergence(*pair) for pair in pairs), stride)

    def _believe(self, posterior: Floats) -> Beliefs:
        n_raters, n_answers = self.operator.shape
        _, n_classes, n_groups = posterior.shape
        told = self.operator.heard(posterior.reshape(len(posterior), n_classes * n_groups))
        confusion = told.reshape(n_raters, n_answers, n_classes, n_groups).transpose(0, 2, 3, 1)
        states, groups = np.einsum("nkg->kg", posterior), self.prior.groups.copy()
        groups[:, :n_groups] += states
        prior = self.prior.first(n_groups)
        return Beliefs(states.sum(axis=1) + prior.classes, groups, confusion + prior.confusion)

    def _judged(self, case: Case, state: State) -> Judged:
        """Each rater by what the others' answers make probable, the group of the item included."""
        n_classes, n_groups = state.posterior.shape[1:]
        logs = state.beliefs.first(n_groups).expected_logs()
        by_answer = _by_answer(logs)

        def part(rows: NDArray[np.intp]) -> Floats:
            return np.asarray(by_answer[case.answers.rater[rows] * n_classes + case.answers.answer[rows]])

        def shares(scores: Floats) -> Floats:
            return np.asarray(probable(scores).reshape(-1, n_classes, n_groups).sum(axis=2))

        return case.others.judge(self._scores(logs), part, shares)

    def _scores(self, logs: Beliefs) -> Floats:
        """The logarithm of each item's answers with each state, (items, classes · groups)."""
        scores = self.operator.told(_by_answer(logs))
        scores += (logs.classes[:, None] + logs.groups[:, : logs.confusion.shape[2]]).ravel()
        return scores

    def _expect(self, logs: Beliefs) -> tuple[Floats, float]:
        n_classes, n_groups = logs.confusion.shape[1:3]
        scores = self._scores(logs)
        states = scores.reshape(-1, n_classes, n_groups)
        ruled_out = np.ones((len(self.clamp.items), n_classes), dtype=bool)
        ruled_out[np.arange(len(ruled_out)), self.clamp.classes] = False
        states[self.clamp.items] += np.where(ruled_out, -np.inf, 0.0)[:, :, None]
        return states, float(normalise(scores).sum())

    def _all_groups(self, beliefs: Beliefs) -> Beliefs:
        """The same with the groups that were put aside, of which nothing is known."""
        n_raters, _, n_groups, _ = beliefs.confusion.shape
        aside = np.repeat(self.prior.confusion[:, :, n_groups:], n_raters, axis=0)
        return replace(beliefs, confusion=np.concatenate([beliefs.confusion, aside], axis=2))


def expectation(answers: Answers, right: float, wrong: float, n_groups: int) -> Floats:
    """Pseudo-counts of each answer in each state, for every rater alike: (1, classes, groups, answers)."""
    confusion = np.where(np.eye(answers.n_classes, dtype=bool), right, wrong)[None, :, None, :]
    return np.repeat(confusion, n_groups, axis=2)


def _by_answer(logs: Beliefs) -> Floats:
    """The matrices by what was answered: (raters · answers, classes · groups)."""
    n_raters, n_classes, n_groups, _ = logs.confusion.shape
    return logs.confusion.transpose(0, 3, 1, 2).reshape(n_raters * n_classes, n_classes * n_groups)


def _without_empty_groups(posterior: Floats) -> Floats:
    """The posterior (items, classes, groups) with the fullest groups of each class first, as many as the classes need.

    What is lost of it, less than a thousandth of an item a group, the next step gives to the others.
    """
    items = np.einsum("nkg->kg", posterior)
    needed = max(1, int(np.count_nonzero(items > _EMPTY, axis=1).max(initial=1)))
    if needed == items.shape[1]:
        return posterior
    fullest = np.argsort(-items, axis=1, kind="stable")[:, :needed]
    return np.ascontiguousarray(np.take_along_axis(posterior, fullest[None], axis=2))


def _parts(beliefs: Beliefs) -> tuple[Floats, Floats, Floats]:
    return beliefs.classes, beliefs.groups, beliefs.confusion

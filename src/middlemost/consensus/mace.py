"""Multi-annotator competence estimation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import digamma, expit, gammaln

from middlemost.consensus.case import Case
from middlemost.consensus.judged import judged_by_weights
from middlemost.consensus.others import Judged
from middlemost.consensus.settings import not_negative, positive, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.results import Consensus
from middlemost.core.room import MOST_CELLS
from middlemost.inference.softmax import normalise
from middlemost.registry import Traits

Floats = NDArray[np.float64]
_TINY = 1e-300
_BATCH = 4_000_000


@dataclass(frozen=True)
class MACE:
    """Hovy et al. (2013): a rater either knows the right answer, or spams: answers without looking, each in their way.

    Fitted by EM with `smoothing` spread over the cells (a Dirichlet prior), or with `variational` by variational Bayes:
    a Beta(`competence`, `competence`) prior for how often a rater spams, a Dirichlet one of `habit` in each cell for
    what they then say. The best of `restarts` is kept: the first begins with raters who spam half of the time, the
    others at random. Each runs until its objective rises by less than `tol` an answer, or for `max_iter` steps. `seed`
    is for the restarts and the ties. The raters' frame has the `competence` of each: how often they know.

    >>> import polars as pl
    >>> from middlemost.core.answers import encode
    >>> frame = pl.DataFrame({"item": list("aaabbbccc"), "rater": list("xyzxyzxyz"), "answer": list("112221112")})
    >>> MACE().fit(encode(frame)).labels["label"].to_list()
    ['1', '2', '1']
    """

    variational: bool = True
    competence: float = 0.5
    habit: float = 10.0
    smoothing: float = 0.01
    restarts: int = 10
    max_iter: int = 100
    tol: float = 1e-6
    seed: int = 0

    name: ClassVar[str] = "mace"
    traits: ClassVar[Traits] = Traits(
        source="Hovy, Berg-Kirkpatrick, Vaswani and Hovy 2013, NAACL-HLT",
        objective="evidence lower bound, or log-likelihood plus the log-density of the prior",
        intervals=True,
        gold=True,
    )

    def __post_init__(self) -> None:
        whole(max_iter=self.max_iter, restarts=self.restarts)
        not_negative(tol=self.tol, smoothing=self.smoothing)
        positive(competence=self.competence, habit=self.habit)

    def fit(self, answers: Answers, gold: GoldLike | None = None) -> Consensus:
        """Fit the model. `gold` items keep their label throughout, and so tell more of the raters."""
        said = _Said.of(answers)
        case = Case.of(answers, gold, said.voter)
        priors = (self.competence, self.habit) if self.variational else (self.smoothing / answers.n_classes,) * 2
        model = _Model(case, said, *priors, variational=self.variational)
        run = self._best(model, self.tol * max(len(answers), 1))
        means = run.beliefs.means(said)
        return case.concluded(
            self.name,
            np.ascontiguousarray(run.posterior[:, :, 0]),
            model.judged(run.beliefs),
            seed=self.seed,
            columns={"competence": np.exp(means.knows[:, 0])},
            confusion=said.confusion(means) if said.confusion_fits else None,
            log_likelihood=float(model.expect(means)[1][0]),
            objective=run.history[-1],
            history=run.history,
            n_iter=len(run.history),
            converged=run.converged,
        )

    def _best(self, model: _Model, enough: float) -> _Run:
        """The restart with the highest objective; among those level up to rounding, the first."""
        runs = (run for spam in self._starts(model) for run in model.climb(spam, max_iter=self.max_iter, tol=enough))
        best = next(runs)
        for run in runs:
            if run.history[-1] > best.history[-1] + enough:
                best = run
        return best

    def _starts(self, model: _Model) -> Iterator[Floats]:
        """How often raters spam at first, (raters, restarts), in batches that fit in memory."""
        rng = np.random.default_rng(self.seed)
        spam = rng.uniform(0.2, 0.8, size=(self.restarts, model.case.answers.n_raters))
        spam[0] = 0.5
        size = max(1, _BATCH // max(model.case.counts.size, model.said.times.size, 1))
        for begin in range(0, self.restarts, size):
            yield np.ascontiguousarray(spam[begin : begin + size].T)


@dataclass(frozen=True, eq=False)
class _Said:
    """What each rater said at least once, one entry a (rater, class), sorted: the rater, the class, and how many times.

    `voter`: which entry each answer belongs to. What raters never said needs no table: it is as the prior has it.
    """

    voter: NDArray[np.integer]
    rater: NDArray[np.integer]
    answer: NDArray[np.integer]
    times: Floats
    n_raters: int
    n_classes: int

    @classmethod
    def of(cls, answers: Answers) -> _Said:
        pairs = answers.rater.astype(np.int64) * answers.n_classes + answers.answer
        different, voter, times = np.unique(pairs, return_inverse=True, return_counts=True)
        rater, answer = np.divmod(different, max(answers.n_classes, 1))
        return cls(voter, rater, answer, times.astype(float), answers.n_raters, answers.n_classes)

    @cached_property
    def unsaid(self) -> NDArray[np.int64]:
        """How many classes each rater never said."""
        return self.n_classes - np.bincount(self.rater, minlength=self.n_raters)

    @cached_property
    def _of_rater(self) -> csr_array:
        ends = np.searchsorted(self.rater, np.arange(self.n_raters + 1))
        return csr_array((np.ones(len(self.rater)), np.arange(len(self.rater)), ends), (self.n_raters, len(self.rater)))

    def sums(self, values: Floats) -> Floats:
        """By rater: (entries, restarts) in, (raters, restarts) out."""
        return np.asarray(self._of_rater @ values)

    @property
    def confusion_fits(self) -> bool:
        """Whether matrices of (raters, classes, classes) would fit in memory."""
        return self.n_raters * self.n_classes**2 <= MOST_CELLS

    def confusion(self, means: _Logs) -> Floats:
        """The confusion matrices that the model amounts to, of one restart: (raters, classes, classes)."""
        competence = np.exp(means.knows[:, 0])
        habit = np.repeat(np.exp(means.unsaid), self.n_classes, axis=1)
        habit[self.rater, self.answer] = np.exp(means.habit[:, 0])
        known = competence[:, None, None] * np.eye(self.n_classes)
        return np.asarray(known + (1.0 - competence)[:, None, None] * habit[:, None, :])


@dataclass(frozen=True, eq=False)
class _Logs:
    """Logarithms of shares, or their means: of spam and not, (raters, restarts); of habits, (entries, restarts).

    `unsaid` (raters, restarts): that of each class which the rater never said.
    """

    spam: Floats
    knows: Floats
    habit: Floats
    unsaid: Floats

    def odds(self, said: _Said) -> Floats:
        """Log-odds that a right answer was known rather than spam: (entries, restarts)."""
        return np.asarray((self.knows - self.spam)[said.rater] - self.habit)

    def of_restarts(self, which: NDArray[np.integer]) -> _Logs:
        return _Logs(*(part[:, which] for part in (self.spam, self.knows, self.habit, self.unsaid)))


@dataclass(frozen=True, eq=False)
class _Beliefs:
    """What the posterior makes of the raters, with the priors' pseudo-counts.

    How often each spammed, and knew (raters, restarts); how often they said what as spam (entries, restarts), and
    `unsaid` of each of the other classes.
    """

    spammed: Floats
    knew: Floats
    said: Floats
    unsaid: float

    def means(self, said: _Said) -> _Logs:
        spammed, knew, times = (np.log(np.maximum(part, _TINY)) for part in (self.spammed, self.knew, self.said))
        unsaid = np.log(max(self.unsaid, _TINY))
        total = np.log(np.maximum(self.total(said), said.n_classes * _TINY))
        either = np.log(np.maximum(self.spammed + self.knew, 2 * _TINY))
        return _Logs(spammed - either, knew - either, times - total[said.rater], unsaid - total)

    def expected_logs(self, said: _Said) -> _Logs:
        either, total = digamma(self.spammed + self.knew), digamma(self.total(said))
        spam, knows = digamma(self.spammed) - either, digamma(self.knew) - either
        return _Logs(spam, knows, digamma(self.said) - total[said.rater], digamma(self.unsaid) - total)

    def total(self, said: _Said) -> Floats:
        """Of all that each rater said as spam (raters, restarts)."""
        return said.sums(self.said) + said.unsaid[:, None] * self.unsaid

    def of_restarts(self, which: NDArray[np.integer]) -> _Beliefs:
        return replace(self, spammed=self.spammed[:, which], knew=self.knew[:, which], said=self.said[:, which])


@dataclass(frozen=True, eq=False)
class _Run:
    """One restart where it ended: posterior (items, classes, 1), beliefs, the objective after each step."""

    posterior: Floats
    beliefs: _Beliefs
    history: tuple[float, ...]
    converged: bool


@dataclass(frozen=True, eq=False)
class _Model:
    """The answers, what each rater said, and the priors' pseudo-counts."""

    case: Case
    said: _Said
    competence: float
    habit: float
    variational: bool

    def climb(self, spam: Floats, *, max_iter: int, tol: float) -> list[_Run]:
        """Fit from how often raters spam (raters, restarts), each restart until its objective rises by less than `tol`.

        They run in one batch, which those that are done leave.
        """
        runs: dict[int, _Run] = {}
        going, history = np.arange(spam.shape[1]), np.empty((0, spam.shape[1]))
        logs = self._begin(spam)
        posterior, _ = self.expect(logs)
        while len(going):
            beliefs = self._believe(posterior, logs)
            logs = self._logs(beliefs)
            posterior, evidence = self.expect(logs)
            history = np.vstack([history, evidence + self._log_density(beliefs, logs)])
            rested = history[-1] - history[-2] < tol if len(history) > 1 else np.zeros(len(going), dtype=bool)
            done = rested | (len(history) >= max_iter)
            for which in np.flatnonzero(done):
                track, one = tuple(history[:, which].tolist()), beliefs.of_restarts(np.array([which]))
                runs[int(going[which])] = _Run(posterior[:, :, which, None], one, track, bool(rested[which]))
            if done.any():
                going, history, posterior = going[~done], history[:, ~done], posterior[:, :, ~done]
                logs = logs.of_restarts(np.flatnonzero(~done))
        return [runs[which] for which in sorted(runs)]

    def judged(self, beliefs: _Beliefs) -> Judged:
        """Each rater by what the others' competences make probable, in the one restart."""
        odds = self._logs(beliefs).odds(self.said)
        weights = np.logaddexp(0.0, odds)
        scores = self.case.ballot.votes(weights)[:, :, 0]
        return judged_by_weights(self.case.answers, self.case.clamp, scores, weights[self.said.voter, 0])

    def expect(self, logs: _Logs) -> tuple[Floats, Floats]:
        """The posterior (items, classes, restarts), and the log-probability of the answers (restarts,)."""
        scores = self.case.ballot.votes(np.logaddexp(0.0, logs.odds(self.said)))
        clamp = self.case.clamp
        known = clamp.joint(scores)
        evidence = normalise(scores)
        evidence[clamp.items] = known
        clamp.hold(scores)
        as_spam = self.said.times @ (logs.spam[self.said.rater] + logs.habit)
        return scores, evidence.sum(axis=0) + as_spam - len(scores) * np.log(scores.shape[1])

    def _begin(self, spam: Floats) -> _Logs:
        """Raters who say everything equally often as spam."""
        even = -np.log(self.said.n_classes)
        habit, unsaid = (np.full((n, spam.shape[1]), even) for n in (len(self.said.rater), len(spam)))
        return _Logs(np.log(spam), np.log1p(-spam), habit, unsaid)

    def _logs(self, beliefs: _Beliefs) -> _Logs:
        return beliefs.expected_logs(self.said) if self.variational else beliefs.means(self.said)

    def _believe(self, posterior: Floats, logs: _Logs) -> _Beliefs:
        knew = self.case.ballot.credits(posterior) * expit(logs.odds(self.said))
        spam = np.maximum(self.said.times[:, None] - knew, 0.0)
        spammed, known = self.said.sums(spam) + self.competence, self.said.sums(knew) + self.competence
        return _Beliefs(spammed, known, spam + self.habit, self.habit)

    def _log_density(self, beliefs: _Beliefs, logs: _Logs) -> Floats:
        """What the priors add to the objective of each restart."""
        if not self.variational:
            habits = logs.habit.sum(axis=0) + self.said.unsaid @ logs.unsaid
            return np.asarray(self.competence * (logs.spam + logs.knows).sum(axis=0) + self.habit * habits)
        return -self._of_spamming(beliefs, logs) - self._of_habits(beliefs, logs)

    def _of_spamming(self, beliefs: _Beliefs, logs: _Logs) -> Floats:
        """The divergence of the Beta distributions from their prior."""
        prior, spammed, knew = self.competence, beliefs.spammed, beliefs.knew
        gained = (spammed - prior) * logs.spam + (knew - prior) * logs.knows
        gained += gammaln(spammed + knew) - gammaln(spammed) - gammaln(knew)
        return np.asarray(gained.sum(axis=0) + len(spammed) * (2 * gammaln(prior) - gammaln(2 * prior)))

    def _of_habits(self, beliefs: _Beliefs, logs: _Logs) -> Floats:
        """The divergence of the Dirichlet distributions from theirs, which what was never said adds nothing to."""
        prior, total = self.habit, beliefs.total(self.said)
        gained = (beliefs.said - prior) * logs.habit - gammaln(beliefs.said) + gammaln(prior)
        return np.asarray(gained.sum(axis=0) + (gammaln(total) - gammaln(self.said.n_classes * prior)).sum(axis=0))

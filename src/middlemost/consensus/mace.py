"""Multi-annotator competence estimation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from middlemost.consensus.case import Case, not_converged
from middlemost.consensus.settings import not_negative, positive, whole
from middlemost.core.answers import Answers
from middlemost.core.gold import GoldLike
from middlemost.core.operator import MOST_CELLS
from middlemost.core.results import Consensus
from middlemost.inference.dirichlet import divergence, expected_log
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
    others at random. They run in one batch until no objective rises by `tol` an answer, or for `max_iter` steps.
    `seed` is for the restarts and the ties. The raters' frame has the `competence` of each: how often they know.

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
        case = Case.of(answers, gold, each_answer=True)
        priors = (self.competence, self.habit) if self.variational else (self.smoothing / answers.n_classes,) * 2
        model = _Model.of(case, *priors, variational=self.variational)
        run = self._best(model, self.tol * max(len(answers), 1))
        means = run.beliefs.means()
        competence, habit = np.exp(means.knows[:, 0]), np.exp(means.habit[:, :, 0])
        fits = answers.n_raters * answers.n_classes**2 <= MOST_CELLS
        return case.concluded(
            self.name,
            np.ascontiguousarray(run.posterior[:, :, 0]),
            seed=self.seed,
            columns={"competence": competence},
            confusion=_confusion(competence, habit) if fits else None,
            log_likelihood=float(model.expect(means)[1][0]),
            objective=run.history[-1],
            history=run.history,
            n_iter=len(run.history),
            converged=run.converged,
            notices=() if run.converged else not_converged(self.max_iter),
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
        spam = rng.uniform(0.2, 0.8, size=(self.restarts, len(model.said)))
        spam[0] = 0.5
        size = max(1, _BATCH // max(model.case.counts.size, model.said.size, 1))
        for begin in range(0, self.restarts, size):
            yield np.ascontiguousarray(spam[begin : begin + size].T)


@dataclass(frozen=True, eq=False)
class _Logs:
    """Logarithms of shares, or their means: spam and not (raters, restarts), habits (raters, classes, restarts)."""

    spam: Floats
    knows: Floats
    habit: Floats

    @classmethod
    def of(cls, spam: Floats, habit: Floats) -> _Logs:
        return cls(*(np.log(np.maximum(share, _TINY)) for share in (spam, 1.0 - spam, habit)))

    def odds(self) -> Floats:
        """Log-odds that a right answer was known rather than spam: (raters, classes, restarts)."""
        return np.asarray((self.knows - self.spam)[:, None] - self.habit)


@dataclass(frozen=True, eq=False)
class _Beliefs:
    """What the posterior makes of the raters, with the priors' pseudo-counts.

    `spamming` (raters, 2, restarts): how often each spammed, and knew. `said` (raters, classes, restarts): as spam.
    """

    spamming: Floats
    said: Floats

    def means(self) -> _Logs:
        spamming, said = (np.maximum(part, _TINY) for part in (self.spamming, self.said))
        return _Logs.of((spamming / spamming.sum(axis=1, keepdims=True))[:, 0], said / said.sum(axis=1, keepdims=True))

    def expected_logs(self) -> _Logs:
        spamming, said = (expected_log(np.moveaxis(part, 1, -1)) for part in (self.spamming, self.said))
        return _Logs(spamming[..., 0], spamming[..., 1], np.moveaxis(said, -1, 1))

    def restart(self, which: int) -> _Beliefs:
        return _Beliefs(self.spamming[:, :, which, None], self.said[:, :, which, None])


@dataclass(frozen=True, eq=False)
class _Run:
    """One restart where it ended: posterior (items, classes, 1), beliefs, the objective after each step."""

    posterior: Floats
    beliefs: _Beliefs
    history: tuple[float, ...]
    converged: bool


@dataclass(frozen=True, eq=False)
class _Model:
    """The answers, how often each rater gave each (raters, classes), and the priors' pseudo-counts."""

    case: Case
    said: Floats
    competence: float
    habit: float
    variational: bool

    @classmethod
    def of(cls, case: Case, competence: float, habit: float, *, variational: bool) -> _Model:
        said = np.diff(case.ballot.by_voter.indptr).reshape(case.answers.n_raters, -1).astype(float)
        return cls(case, said, competence, habit, variational)

    def climb(self, spam: Floats, *, max_iter: int, tol: float) -> list[_Run]:
        """Fit from how often raters spam (raters, restarts), until no restart's objective rises by `tol`."""
        logs = _Logs.of(spam, np.full((*self.said.shape, spam.shape[1]), 1.0 / self.said.shape[1]))
        posterior, objective = self.expect(logs)
        history: list[Floats] = []
        converged = np.zeros(spam.shape[1], dtype=bool)
        while len(history) < max_iter and not converged.all():
            beliefs = self._believe(posterior, logs)
            logs = beliefs.expected_logs() if self.variational else beliefs.means()
            posterior, evidence = self.expect(logs)
            history.append(evidence + self._log_density(beliefs, logs))
            converged = history[-1] - objective < tol if len(history) > 1 else converged
            objective = history[-1]
        tracks = np.array(history).T.tolist()
        return [
            _Run(posterior[:, :, which, None], beliefs.restart(which), tuple(track), bool(converged[which]))
            for which, track in enumerate(tracks)
        ]

    def expect(self, logs: _Logs) -> tuple[Floats, Floats]:
        """The posterior (items, classes, restarts), and the log-probability of the answers (restarts,)."""
        scores = self.case.ballot.votes(np.logaddexp(0.0, logs.odds()).reshape(self.said.size, -1))
        clamp = self.case.clamp
        known = clamp.joint(scores)
        evidence = normalise(scores)
        evidence[clamp.items] = known
        clamp.hold(scores)
        as_spam = np.einsum("wk,wkr->r", self.said, logs.spam[:, None] + logs.habit)
        return scores, evidence.sum(axis=0) + as_spam - len(scores) * np.log(self.said.shape[1])

    def _believe(self, posterior: Floats, logs: _Logs) -> _Beliefs:
        right = self.case.ballot.credits(posterior).reshape(logs.habit.shape)
        knew = right * expit(logs.odds())
        spam = np.maximum(self.said[:, :, None] - knew, 0.0)
        spamming = np.stack([spam.sum(axis=1), knew.sum(axis=1)], axis=1)
        return _Beliefs(spamming + self.competence, spam + self.habit)

    def _log_density(self, beliefs: _Beliefs, logs: _Logs) -> Floats:
        """What the priors add to the objective of each restart."""
        if not self.variational:
            shares = (logs.spam + logs.knows).sum(axis=0), logs.habit.sum(axis=(0, 1))
            return np.asarray(self.competence * shares[0] + self.habit * shares[1])
        logs_of = np.stack([logs.spam, logs.knows], axis=1), logs.habit
        pairs = zip((beliefs.spamming, beliefs.said), (self.competence, self.habit), logs_of, strict=True)
        return -sum((_divergences(*pair) for pair in pairs), np.zeros(logs.spam.shape[1]))


def _divergences(beliefs: Floats, prior: float, logs: Floats) -> Floats:
    """From a prior of equal pseudo-counts, for each restart; all (raters, classes, restarts)."""
    flat = np.full(beliefs.shape[1], prior)
    return np.array([divergence(beliefs[:, :, n], flat, logs[:, :, n]) for n in range(beliefs.shape[2])])


def _confusion(competence: Floats, habit: Floats) -> Floats:
    """The confusion matrices that the model amounts to: (raters, classes, classes)."""
    known = competence[:, None, None] * np.eye(habit.shape[1])
    return np.asarray(known + (1.0 - competence)[:, None, None] * habit[:, None, :])

"""The models that gold can choose from, fitted once, and their blend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus.concluded import Aggregator, label_frame
from middlemost.consensus.guests import Guest
from middlemost.consensus.judged import rater_frame_of
from middlemost.consensus.mace import MACE
from middlemost.consensus.majority import MajorityVote
from middlemost.consensus.pooled_dawid_skene import PooledDawidSkene
from middlemost.consensus.wawa import Wawa
from middlemost.core.answers import Answers
from middlemost.core.operator import SparseOperator
from middlemost.core.results import Consensus
from middlemost.core.ties import tied
from middlemost.errors import SettingError
from middlemost.inference.calibration import Average, cross_fitted, fit_average, folds, log_floored, log_losses

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]

BLEND, VOTES = "blend", "votes"
_SMOOTHING = 0.01


def fit_models(answers: Answers, *, seed: int = 0) -> tuple[Consensus, ...]:
    """The models that gold can choose from, fitted without it: they see the same answers differently, and are quick."""
    models: tuple[Aggregator, ...] = (
        MajorityVote(seed=seed),
        Wawa(power=2, seed=seed),
        PooledDawidSkene(seed=seed),
        MACE(restarts=1, seed=seed),
    )
    return tuple(model.fit(answers) for model in models)


@dataclass(frozen=True, eq=False)
class Choice:
    """A pool of some `models` (positions) under a `name`, and what it says of the gold items without having seen them.

    `held`: probabilities (gold items, classes), cross-fitted; `losses`: the log-loss of each gold item.
    """

    name: str
    models: tuple[int, ...]
    held: Floats
    losses: Floats

    @property
    def said(self) -> NDArray[np.int64]:
        """The most probable class of each gold item."""
        return np.asarray(self.held.argmax(axis=1), dtype=np.int64)

    @property
    def log_loss(self) -> float:
        """The mean over the gold items."""
        return float(self.losses.mean())


@dataclass(frozen=True, eq=False)
class Candidates:
    """The models fitted to the answers, models beside them, the positions of the gold items and of their labels.

    A label of -1 is none of the classes.
    """

    fitted: tuple[Consensus, ...]
    item: Codes
    label: Codes
    guests: tuple[Guest, ...] = ()

    @classmethod
    def of(cls, fitted: Sequence[Consensus], item: Codes, label: Codes, guests: Sequence[Guest] = ()) -> Candidates:
        """The same with the gold items in their own order, not in that given. SettingError for a name taken twice."""
        own = {BLEND, VOTES, *(model.method for model in fitted)}
        if taken := [guest.name for guest in guests if guest.name in own]:
            raise SettingError(f"A model is called {taken[0]!r}, as a method is.", mend="Give it another name.")
        order = np.argsort(item)
        return cls(tuple(fitted), item[order], label[order], tuple(guests))

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the fitted, then those of the guests."""
        return (*(model.method for model in self.fitted), *(guest.name for guest in self.guests))

    @property
    def probabilities(self) -> tuple[Floats, ...]:
        """What each says of the items, (items, classes)."""
        return (*(model.probabilities for model in self.fitted), *(guest.probabilities for guest in self.guests))

    def choices(self, *, seed: int) -> tuple[Choice, ...]:
        """The blend of all, that of the votes where there is more, then each alone, on the same folds of the gold."""
        logs = [log_floored(probabilities[self.item]) for probabilities in self.probabilities]
        fold = folds(len(self.item), seed=seed)
        votes = [(VOTES, tuple(range(len(self.fitted))))] if self.guests else []
        alone = [(name, (place,)) for place, name in enumerate(self.names)]
        return tuple(
            self._judged(name, models, [logs[place] for place in models], fold)
            for name, models in [(BLEND, tuple(range(len(logs)))), *votes, *alone]
        )

    def _judged(self, name: str, models: tuple[int, ...], logs: Sequence[Floats], fold: NDArray[np.int64]) -> Choice:
        held = cross_fitted(logs, self.label, fold, guests=self._guests(models))
        return Choice(name, models, held, log_losses(held, self.label))

    def pooled(self, choice: Choice) -> tuple[Average, Floats]:
        """The chosen pools, fitted on all gold, and the probabilities of all items."""
        logs = [log_floored(self.probabilities[place]) for place in choice.models]
        average = fit_average([log[self.item] for log in logs], self.label, guests=self._guests(choice.models))
        return average, average.apply(logs)

    def _guests(self, models: tuple[int, ...]) -> int:
        """How many of some models are to prove themselves; one that is taken alone is not beside anything."""
        return sum(place >= len(self.fitted) for place in models) if len(models) > 1 else 0


def choose(choices: Sequence[Choice]) -> Choice:
    """The first, unless another's log-loss is lower by more than twice the standard error of the difference.

    Of models that gold can hardly tell apart the blend is the safe one.
    """
    best = min(choices, key=lambda choice: choice.log_loss)
    ahead, error = _ahead(best, choices[0])
    return best if ahead > 2 * error else choices[0]


def margin(chosen: Choice, choices: Sequence[Choice]) -> tuple[float, float]:
    """By how much the chosen's log-loss is below the best other's, and the standard error of that."""
    others = [choice for choice in choices if choice is not chosen]
    return _ahead(chosen, min(others, key=lambda choice: choice.log_loss))


def _ahead(choice: Choice, other: Choice) -> tuple[float, float]:
    ahead = other.losses - choice.losses
    return float(ahead.mean()), float(ahead.std(ddof=1) / np.sqrt(len(ahead)))


def accuracy_of(probabilities: Floats, label: Codes) -> float:
    """The share of items whose most probable class is their label, ties as their expectation."""
    best = np.column_stack([tied(probabilities), np.zeros(len(label), dtype=bool)])
    return float((best[np.arange(len(label)), label] / best.sum(axis=1)).mean())


def blended(answers: Answers, models: Sequence[Consensus], probabilities: Floats, *, name: str, seed: int) -> Consensus:
    """A consensus from pooled probabilities; raters are judged by them, without their own part."""
    notices = dict.fromkeys([*answers.notices, *(notice for model in models for notice in model.notices)])
    return Consensus(
        method=name,
        items=answers.items,
        classes=answers.classes,
        probabilities=probabilities,
        labels=label_frame(answers, probabilities, answers.counts(), seed=seed),
        raters=rater_frame_of(answers, probabilities),
        class_prior=probabilities.mean(axis=0),
        confusion=_confusion(answers, probabilities),
        n_iter=max((model.n_iter for model in models), default=0),
        converged=all(model.converged for model in models),
        notices=tuple(notices),
    )


def model_frame(choices: Sequence[Choice], chosen: Choice, pool: Average, label: Codes) -> pl.DataFrame:
    """The frame (model, log_loss, accuracy, weight), best first."""
    weights = dict(zip(chosen.models, pool.weights / max(float(np.abs(pool.weights).sum()), 1e-9), strict=True))
    rows = [
        (
            choice.name,
            choice.log_loss,
            accuracy_of(choice.held, label),
            None if choice.name in (BLEND, VOTES) else float(weights.get(choice.models[0], 0.0)),
        )
        for choice in choices
    ]
    schema = {"model": pl.String, "log_loss": pl.Float64, "accuracy": pl.Float64, "weight": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("log_loss", "model")


def _confusion(answers: Answers, probabilities: Floats) -> Floats:
    confusion = SparseOperator.of(answers).counts(probabilities) + _SMOOTHING
    confusion /= confusion.sum(axis=2, keepdims=True)
    return confusion

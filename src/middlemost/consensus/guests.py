"""Models beside the raters: their probabilities, on the axes of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.consensus.history import codes_among
from middlemost.core.answers import Answers
from middlemost.core.probabilities import ModelLike, Probabilities, as_probabilities
from middlemost.core.results import Consensus
from middlemost.core.words import plural
from middlemost.errors import InputError, SettingError

Floats = NDArray[np.float64]
ALONE = "model"


@dataclass(frozen=True, eq=False)
class Guest:
    """What a model says of the items that have answers: `probabilities` (items, classes), and what to tell of it."""

    name: str
    probabilities: Floats
    notices: tuple[str, ...] = ()


def as_models(given: ModelLike) -> dict[str, Probabilities]:
    """Models by name, "model" where there is only one without a name. SettingError for none."""
    if not isinstance(given, Mapping):
        return {ALONE: as_probabilities(given)}
    if not given:
        raise SettingError("There is no model among the models.", mend="Leave `model` out.")
    return {str(name): as_probabilities(one) for name, one in given.items()}


def widened(answers: Answers, models: Mapping[str, Probabilities]) -> Answers:
    """The answers with the classes that only models know beside those that raters gave."""
    known = [model.classes.filter(pl.Series(model.values.any(axis=0))) for model in models.values()]
    classes = pl.concat([answers.classes, *known]).unique().sort()
    if len(classes) == answers.n_classes:
        return answers
    code = codes_among(answers.classes, classes).astype(np.int32)
    return replace(answers, classes=classes, answer=code[answers.answer])


def padded(model: Consensus, classes: pl.Series) -> Consensus:
    """A consensus on more classes, which it takes for impossible."""
    if len(classes) == len(model.classes):
        return model
    probabilities = np.zeros((len(model.items), len(classes)))
    probabilities[:, codes_among(model.classes, classes)] = model.probabilities
    return replace(model, classes=classes, probabilities=probabilities, confusion=None)


def seated(name: str, model: Probabilities, answers: Answers, given: pl.Series) -> Guest:
    """The model on the items and classes of `answers`, of which raters gave the classes `given`.

    InputError where the model does not know one of these classes, or an item that has answers.
    """
    _require_classes(name, model, given)
    place, column = codes_among(answers.items, model.items), codes_among(answers.classes, model.classes)
    _require_items(name, answers, place)
    values = np.where(column >= 0, model.values[place][:, column], 0.0)
    values[place < 0] = 1 / answers.n_classes
    unasked = len(model) - int(np.count_nonzero(place >= 0))
    what = plural(unasked, "item")
    notice = f"What {_called(name)} says of {what} that nobody answered is left out: gold tells nothing of such items."
    return Guest(name, values, (notice,) if unasked else ())


def _require_classes(name: str, model: Probabilities, given: pl.Series) -> None:
    missing = given.filter(codes_among(given, model.classes) < 0)
    if not len(missing):
        return
    known = model.classes.to_list()
    near = get_close_matches(missing[0], known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Its classes are {', '.join(map(repr, known[:12]))}."
    mend = f"{hint} A column of noughts says that it never chooses the class."
    raise InputError(f"Raters answered {missing[0]!r}, and {_called(name)} has no such class.", mend=mend)


def _require_items(name: str, answers: Answers, place: NDArray[np.integer]) -> None:
    unknown = answers.items.filter(pl.Series((place < 0) & (answers.per_item() > 0)))
    if len(unknown):
        items = plural(len(unknown), "item that has", "items that have")
        mend = "Give it a row for each item, or conclude on the others only."
        raise InputError(
            f"{_called(name).capitalize()} says nothing of {items} answers, such as {unknown[0]!r}.", mend=mend
        )


def _called(name: str) -> str:
    return "the model" if name == ALONE else f"model {name!r}"

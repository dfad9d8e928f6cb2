"""The peers of accuracy.py: crowd-kit, measured in the same run, and authors' code, whose figures were recorded."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

RECORDED = {
    "MACEjava_VB": "MACE.jar, variational",
    "MACEjava_EM": "MACE.jar, EM",
    "iBCC": "iBCC",
    "BWA": "BWA",
    "EBCC": "EBCC",
}


class TwoClassesOnlyError(ValueError):
    """The method is for two classes, the set has more."""


@dataclass(frozen=True, eq=False)
class Said:
    """What a peer says: labels by item, and probabilities by item and class where it has them."""

    labels: Any
    probabilities: Any = None

    def on(self, items: list[str], classes: list[str]) -> tuple[NDArray[np.float64] | None, NDArray[Any]]:
        """The same as arrays on our axes: probabilities (items, classes), or None, and label codes (items)."""
        place = {name: number for number, name in enumerate(classes)}
        codes = self.labels.reindex(items).map(place).fillna(-2).to_numpy().astype(int)
        if self.probabilities is None:
            return None, codes
        table = self.probabilities.reindex(index=items, columns=classes).fillna(0.0)
        return table.to_numpy().astype(float), codes


def crowd_kit_version() -> str | None:
    """The version of crowd-kit, None where it is not installed."""
    return version("crowd-kit") if importlib.util.find_spec("crowdkit") else None


def pandas_table(frame: pl.DataFrame) -> Any:
    """The answers under the names of crowd-kit's columns; None where it is not installed."""
    if not crowd_kit_version():
        return None
    import crowdkit.aggregation  # noqa: F401  here, so that no fit is charged with it
    import pandas as pd

    names = {"item": "task", "rater": "worker", "answer": "label"}
    return pd.DataFrame({names[column]: frame[column].to_list() for column in frame.columns})


def _fitted(name: str) -> Callable[[Any], Said]:
    """Fit a method of crowd-kit at its defaults."""

    def fit(table: Any) -> Said:
        from crowdkit import aggregation

        method = getattr(aggregation, name)()
        labels = method.fit_predict(table)
        return Said(labels, getattr(method, "probas_", None))

    return fit


def _voted(name: str, module: str) -> Callable[[Any], Said]:
    """The same for a vote weighted by skill, whose prediction checks the fit with a function of scikit-learn.

    crowd-kit 1.4.2 and scikit-learn 1.9 disagree on what that needs; the check changes no figure and is left out.
    """

    def fit(table: Any) -> Said:
        sys.modules[f"crowdkit.aggregation.classification.{module}"].check_is_fitted = lambda *_, **__: None
        return _fitted(name)(table)

    return fit


def _binary(name: str) -> Callable[[Any], Said]:
    """The same for a method of two classes."""

    def fit(table: Any) -> Said:
        if table["label"].nunique() != 2:
            raise TwoClassesOnlyError("two classes only")
        return _fitted(name)(table)

    return fit


CROWD_KIT: dict[str, Callable[[Any], Said]] = {
    "majority vote": _fitted("MajorityVote"),
    "Wawa": _voted("Wawa", "wawa"),
    "zero-based skill": _voted("ZeroBasedSkill", "zero_based_skill"),
    "one-coin": _fitted("OneCoinDawidSkene"),
    "Dawid-Skene": _fitted("DawidSkene"),
    "MACE": _fitted("MACE"),
    "GLAD": _fitted("GLAD"),
    "KOS": _binary("KOS"),
    "M-MSR": _fitted("MMSR"),
}

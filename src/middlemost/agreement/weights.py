"""How much two answers agree: 1 where they are equal, less the farther apart they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.errors import Place, SettingError

Floats = NDArray[np.float64]
Weighting = Literal["identity", "linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar"]
Custom = Callable[[str, str], float] | Mapping[tuple[str, str], float]
MOST_CLASSES = 3_000


def require_weighting(given: Weighting | Custom) -> None:
    """SettingError unless `given` is a name, a function or a mapping."""
    if isinstance(given, str) and given not in get_args(Weighting):
        mend = f"It can be {', '.join(get_args(Weighting))}, or a function of two answers."
        raise SettingError(f"weights is {given!r}.", mend=mend)


def weigh(classes: pl.Series, given: Weighting | Custom) -> tuple[Floats | None, str | None]:
    """The weights (classes, classes), None for identity, and a note where the order of the classes was assumed.

    Named weights are Gwet's (2014, chapter 3): classes that are numbers are taken as such, others as 1, 2, 3 … in
    sorted order. A function or mapping gives the weight of two different answers, from 0 to 1; equal answers have 1.

    >>> weigh(pl.Series(["1", "2", "3"]), "quadratic")[0].tolist()
    [[1.0, 0.75, 0.0], [0.75, 1.0, 0.75], [0.0, 0.75, 1.0]]
    """
    if given == "identity" or len(classes) < 2:
        return None, None
    require_few(classes)
    if not isinstance(given, str):
        weights = tabulated(classes, given, same=1.0)
        if weights.min() < 0 or weights.max() > 1:
            raise SettingError("A weight lies outside 0 to 1.", mend="1 is full agreement, 0 none.")
        return weights, None
    values, note = _values(classes)
    return _NAMED[given](values[0] if given != "ordinal" else values[1]), note


def require_few(classes: pl.Series) -> None:
    """SettingError where a table of all pairs of classes would be too large."""
    if len(classes) > MOST_CLASSES:
        raise SettingError(
            f"There are {len(classes):,} different answers: too many to weigh each against each.",
            mend=f"That works up to {MOST_CLASSES:,}; identity, nominal, ordinal and interval with any number.",
        )


def tabulated(classes: pl.Series, given: Custom, *, same: float) -> Floats:
    """A custom function or mapping as a symmetric table with `same` on its diagonal."""
    names = classes.to_list()
    table = np.full((len(names), len(names)), same)
    for k, one in enumerate(names):
        for m, other in enumerate(names[:k]):
            table[k, m] = table[m, k] = _between(given, one, other)
    return table


def _between(given: Custom, one: str, other: str) -> float:
    if callable(given):
        value, back = float(given(one, other)), float(given(other, one))
    else:
        found = given.get((one, other), given.get((other, one)))
        if found is None:
            raise SettingError(f"Nothing is given for {one!r} and {other!r}.", mend="Every pair of answers needs one.")
        value, back = float(found), float(given.get((other, one), found))
    if not np.isfinite(value) or abs(value - back) > 1e-12:
        place = Place(value=f"{one} and {other}")
        raise SettingError("It is not a finite number, or not the same both ways.", place=place)
    return value


def as_numbers(classes: pl.Series) -> Floats | None:
    """The classes as finite numbers, None where they are not."""
    numbers = classes.cast(pl.Float64, strict=False)
    return numbers.to_numpy() if numbers.null_count() == 0 and numbers.is_finite().all() else None


def in_order(classes: pl.Series, most: int = 10) -> str:
    """The note that the order of classes was assumed."""
    listed = ", ".join(classes.head(most)) + (", …" if len(classes) > most else "")
    return f"the answers are not numbers and were taken in this order: {listed}"


def _values(classes: pl.Series) -> tuple[tuple[Floats, Floats], str | None]:
    """The classes' values and their places in order, from 1."""
    numbers = as_numbers(classes)
    if numbers is None:
        places = np.arange(1.0, len(classes) + 1)
        return (places, places), in_order(classes)
    return (numbers, 1 + np.argsort(np.argsort(numbers, kind="stable")).astype(float)), None


def _apart(values: Floats) -> Floats:
    return np.abs(values[:, None] - values)


def _power(values: Floats, exponent: float) -> Floats:
    # Scaled first, so that answers such as 1e200 do not overflow.
    return np.asarray(1 - (_apart(values) / np.ptp(values)) ** exponent)


def _ordinal(places: Floats) -> Floats:
    between = _apart(places) + 1
    pairs = between * (between - 1)
    return np.asarray(1 - pairs / pairs.max())


def _ratio(values: Floats) -> Floats:
    together = values[:, None] + values
    most = np.ptp(values) / (values.max() + values.min()) if values.max() + values.min() else np.inf
    return np.asarray(1 - (_apart(values) / np.where(together == 0, 1, together) / most) ** 2)


def circular_distance(values: Floats, period: float | None = None) -> Floats:
    """Squared chords on a circle that is one step longer than from the least value to the greatest."""
    return np.asarray(np.sin(np.pi * _apart(values) / (period or np.ptp(values) + 1)) ** 2)


def bipolar_distance(values: Floats) -> Floats:
    """Squared differences that weigh more towards the two ends of the scale."""
    together, low, high = values[:, None] + values, values.min(), values.max()
    room = (together - 2 * low) * (2 * high - together)
    return np.asarray(np.where(room > 0, _apart(values) ** 2, 0.0) / np.where(room > 0, room, 1.0))


def _less(distance: Floats) -> Floats:
    return np.asarray(1 - distance / (distance.max() or 1))


_NAMED: dict[str, Callable[[Floats], Floats]] = {
    "linear": lambda values: _power(values, 1),
    "quadratic": lambda values: _power(values, 2),
    "radical": lambda values: _power(values, 0.5),
    "ordinal": _ordinal,
    "ratio": _ratio,
    "circular": lambda values: _less(circular_distance(values)),
    "bipolar": lambda values: _less(bipolar_distance(values)),
}

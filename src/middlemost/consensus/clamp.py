"""Gold inside a fit: items whose label is known keep it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from middlemost.core.answers import Answers
from middlemost.core.gold import Gold

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clamp:
    """The items (positions) whose class (positions) is known, and what to tell the user about the gold."""

    items: NDArray[np.int32]
    classes: NDArray[np.int32]
    notices: tuple[str, ...] = ()

    @classmethod
    def of(cls, gold: Gold | None, answers: Answers) -> Clamp:
        """The gold items that have answers; where the label is nobody's answer it cannot be held: a notice says so."""
        if gold is None:
            none = np.empty(0, dtype=np.int32)
            return cls(none, none)
        items, classes = gold.codes(answers)
        known = classes >= 0
        lost = int(np.count_nonzero(~known))
        notice = f"Gold labels of {lost:,} items are nobody's answer: these items were fitted as if they had no gold."
        return cls(items[known], classes[known], (notice,) if lost else ())

    def hold(self, posterior: NDArray[np.floating]) -> None:
        """Set the known items' rows of `posterior` (items, classes) to certainty."""
        posterior[self.items] = 0.0
        posterior[self.items, self.classes] = 1.0

    def joint(self, scores: Floats) -> Floats:
        """The log-scores of the known items at their class, a copy."""
        return np.asarray(scores[self.items, self.classes])

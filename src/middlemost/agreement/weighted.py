"""What every coefficient with weights has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from middlemost.agreement.measured import Resampling, measured
from middlemost.agreement.statistic import Statistic
from middlemost.agreement.weights import Custom, Weighting, require_weighting
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement


@dataclass(frozen=True)
class Weighted(Resampling, ABC):
    """`weights` let unequal answers agree in part: a name of Gwet's, or a function or mapping of two answers."""

    weights: Weighting | Custom = "identity"
    name: ClassVar[str]

    def __post_init__(self) -> None:
        super().__post_init__()
        require_weighting(self.weights)

    @abstractmethod
    def statistic(self, answers: Answers) -> tuple[Statistic, str | None]:
        """The coefficient as a function of sums over items, and a note on what it assumes of these answers."""

    def measure(self, answers: Answers) -> Agreement:
        """The coefficient with its interval, and its standard error where one is published."""
        statistic, note = self.statistic(answers)
        return measured(self.name, statistic, answers, self, note=note)

"""One loop for every method that climbs an objective step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class State(Protocol):
    """Where an iteration stands; `objective` is what the iterations raise."""

    @property
    def objective(self) -> float:
        """What the iterations raise."""
        ...


S = TypeVar("S", bound=State)


@dataclass(frozen=True)
class Convergence:
    """How the loop ended: the objective after each step, and whether its rise fell below the tolerance."""

    history: tuple[float, ...]
    converged: bool

    @property
    def n_iter(self) -> int:
        """How many steps were taken."""
        return len(self.history)


def climb(step: Callable[[S], S], start: S, *, max_iter: int, tol: float) -> tuple[S, Convergence]:
    """Repeat `step` from `start` until the objective rises by less than `tol`, `max_iter` times at most."""
    state, history = start, [start.objective]
    for _ in range(max_iter):
        state = step(state)
        history.append(state.objective)
        if history[-1] - history[-2] < tol:
            return state, Convergence(tuple(history[1:]), converged=True)
    return state, Convergence(tuple(history[1:]), converged=False)


def settle(
    step: Callable[[Floats], Floats], start: Floats, *, max_iter: int, tol: float, steady: int = 20
) -> tuple[Floats, int, bool]:
    """Repeat `step` from `start` until no entry would move by `tol` or more, `max_iter` times at most.

    For methods without an objective. Each `steady` steps the moves halve, so that a cycle between hard decisions draws
    together. Returns where it ended, the number of steps taken, and whether it came to rest.
    """
    state = start
    for done in range(max_iter):
        move = step(state) - state
        state = state + move * 0.5 ** (done // steady)
        if np.abs(move).max(initial=0.0) < tol:
            return state, done + 1, True
    return state, max_iter, False

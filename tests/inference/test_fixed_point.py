"""The loop behind the fits."""

from __future__ import annotations

from dataclasses import dataclass

from middlemost.inference.fixed_point import climb


@dataclass(frozen=True)
class Halfway:
    """Each step goes half of the way to 1."""

    objective: float = 0.0


def closer(state: Halfway) -> Halfway:
    return Halfway((state.objective + 1) / 2)


def test_it_stops_when_the_rise_falls_below_the_tolerance() -> None:
    state, convergence = climb(closer, Halfway(), max_iter=100, tol=0.1)
    assert convergence.history == (0.5, 0.75, 0.875, 0.9375)
    assert (state.objective, convergence.converged, convergence.n_iter) == (0.9375, True, 4)


def test_it_says_when_it_ran_out_of_steps() -> None:
    state, convergence = climb(closer, Halfway(), max_iter=2, tol=0.1)
    assert (state.objective, convergence.converged, convergence.n_iter) == (0.75, False, 2)

"""The loop behind the fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from middlemost.inference.fixed_point import climb, settle


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


def test_what_has_no_objective_settles_where_a_step_would_not_move_it() -> None:
    state, n_iter, rested = settle(np.cos, np.array([1.0]), max_iter=500, tol=1e-9)
    assert rested
    assert n_iter < 500
    np.testing.assert_allclose(state, 0.739085, atol=1e-6)


def test_a_cycle_draws_together_but_does_not_count_as_settled() -> None:
    state, n_iter, rested = settle(lambda x: np.where(x > 0, -1.0, 1.0), np.array([1.0]), max_iter=200, tol=1e-5)
    assert (n_iter, rested) == (200, False)
    assert abs(state[0]) < 0.01

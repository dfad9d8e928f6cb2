"""The model of Dawid and Skene."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.consensus import DawidSkene, accuracy
from middlemost.core.answers import Answers, encode
from middlemost.errors import SettingError


@pytest.fixture(scope="module")
def patients(shared: Path) -> Answers:
    """Dawid and Skene 1979, table 1: five anaesthetists, one of whom answered three times."""
    frame = pl.read_csv(shared / "reference/dawid_skene_1979_anesthesia.csv", infer_schema=False)
    return encode(frame.rename({"rating": "answer"}), repeats="all")


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, list[float]]:
    read: dict[str, list[float]] = json.loads((shared / "reference/dawid_skene_1979_em_mle.json").read_text())
    return read


def crowd(n_items: int = 300, seed: int = 0) -> tuple[Answers, dict[str, str]]:
    """Six raters right with chances .55 to .95 and their truth; each answers most items."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(3, size=n_items)
    skill = np.linspace(0.55, 0.95, 6)
    item, rater = (grid.ravel() for grid in np.meshgrid(np.arange(n_items), np.arange(6), indexing="ij"))
    answer = np.where(rng.random(item.size) < skill[rater], truth[item], rng.integers(3, size=item.size))
    frame = pl.DataFrame({"item": item, "rater": rater, "answer": answer}).sample(fraction=0.8, seed=seed)
    return encode(frame), {str(n): str(label) for n, label in enumerate(truth)}


def test_the_fit_of_1979(patients: Answers) -> None:
    fit = DawidSkene(smoothing=0).fit(patients)
    assert fit.log_likelihood == pytest.approx(-190.731, abs=1e-3)
    assert fit.class_prior.round(2).tolist() == [0.40, 0.42, 0.11, 0.07]


def test_every_figure_of_1979_to_the_last_published_digit(patients: Answers, reference: dict[str, list[float]]) -> None:
    fit = DawidSkene(smoothing=0, tol=1e-12).fit(patients)
    assert fit.log_likelihood == pytest.approx(reference["loglik"], abs=1e-8)
    np.testing.assert_allclose(fit.history[:10], reference["loglik_first10"], atol=1e-9)
    np.testing.assert_allclose(fit.class_prior, reference["prior"], atol=1e-6)
    assert fit.confusion is not None
    np.testing.assert_allclose(fit.confusion, reference["error_rates"], atol=1e-6)
    order = [fit.items.to_list().index(str(n + 1)) for n in range(45)]
    np.testing.assert_allclose(fit.probabilities[order], reference["posterior"], atol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.01, 1.0])
def test_the_objective_never_falls(smoothing: float) -> None:
    answers, _ = crowd()
    history = np.array(DawidSkene(smoothing=smoothing, tol=0, max_iter=60).fit(answers).history)
    assert (np.diff(history) > -1e-8).all()
    assert history[-1] > history[0]


def test_the_objective_is_the_log_likelihood_where_nothing_is_smoothed(patients: Answers) -> None:
    plain, smooth = DawidSkene(smoothing=0).fit(patients), DawidSkene().fit(patients)
    assert plain.objective == plain.log_likelihood
    assert smooth.confusion is not None
    assert smooth.objective == pytest.approx(smooth.log_likelihood + 0.01 * np.log(smooth.confusion).sum())


def test_the_log_likelihood_is_that_of_the_returned_model(patients: Answers) -> None:
    fit = DawidSkene().fit(patients)
    assert fit.confusion is not None
    likelihood = np.tile(fit.class_prior, (45, 1))
    for item, rater, answer in zip(patients.item, patients.rater, patients.answer, strict=True):
        likelihood[item] *= fit.confusion[rater, :, answer]
    assert fit.log_likelihood == pytest.approx(np.log(likelihood.sum(axis=1)).sum())
    np.testing.assert_allclose(fit.probabilities, likelihood / likelihood.sum(axis=1, keepdims=True), atol=1e-12)


def test_raters_are_told_apart() -> None:
    answers, _ = crowd()
    raters = DawidSkene().fit(answers).raters
    assert raters["accuracy"].is_sorted()
    assert (raters["low"] < raters["accuracy"]).all()
    assert (raters["accuracy"] < raters["high"]).all()


def test_a_rater_who_always_says_the_opposite_is_used_the_right_way_round() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(2, size=200)
    rows = [(i, r, truth[i] if rng.random() < 0.9 else 1 - truth[i]) for i in range(200) for r in range(4)]
    rows += [(i, 9, 1 - truth[i]) for i in range(200)]
    fit = DawidSkene().fit(encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")))
    assert fit.confusion is not None
    assert fit.confusion[4, 0, 1] > 0.95
    assert fit.raters["accuracy"][4] < 0.05


def test_gold_keeps_its_label_and_teaches_the_rest() -> None:
    answers, truth = crowd()
    known = dict(list(truth.items())[:150])
    fit = DawidSkene().fit(answers, gold=known)
    labels = dict(fit.labels.select("item", "label").rows())
    assert all(labels[item] == label for item, label in known.items() if item in labels)
    rest = {item: label for item, label in truth.items() if item not in known}
    assert accuracy(fit, rest).value >= accuracy(DawidSkene().fit(answers), rest).value - 0.01
    assert (np.diff(fit.history) > -1e-8).all()


def test_gold_items_count_with_the_likelihood_of_their_known_class() -> None:
    answers, truth = crowd(30)
    fit = DawidSkene().fit(answers, gold=truth)
    assert fit.confusion is not None
    known = np.array([int(truth[item]) for item in fit.items])
    chances = fit.confusion[answers.rater, known[answers.item], answers.answer]
    expected = np.log(chances).sum() + np.log(fit.class_prior[known]).sum()
    assert fit.log_likelihood == pytest.approx(expected)


def test_the_tolerance_is_for_one_answer_whatever_their_number() -> None:
    once = crowd()[0].frame()
    again = once.with_columns(item=pl.col("item") + " again")
    first, second = (DawidSkene(smoothing=0).fit(encode(frame)) for frame in (once, pl.concat([once, again])))
    assert first.n_iter == second.n_iter


def test_gold_that_nobody_answered_is_told_and_not_held() -> None:
    answers, _ = crowd(20)
    fit = DawidSkene().fit(answers, gold={"3": "seventeen"})
    np.testing.assert_allclose(fit.probabilities, DawidSkene().fit(answers).probabilities)
    assert any("nobody's answer" in notice for notice in fit.notices)


def test_a_fit_that_ran_out_of_steps_says_so() -> None:
    answers, _ = crowd()
    fit = DawidSkene(max_iter=2).fit(answers)
    assert (fit.n_iter, fit.converged) == (2, False)
    assert "did not converge" in fit.notices[-1]


def test_items_without_answers_get_the_class_shares() -> None:
    answers, _ = crowd()
    fit = DawidSkene(tol=1e-10).fit(answers.take(answers.item != 0))
    np.testing.assert_allclose(fit.probabilities[0], fit.class_prior, atol=1e-3)
    assert fit.labels["n_answers"][0] == 0
    assert fit.labels["share"][0] == 0


@pytest.mark.parametrize("settings", [{"max_iter": 0}, {"tol": -1}, {"smoothing": float("nan")}, {"smoothing": -0.1}])
def test_impossible_settings_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(SettingError, match=next(iter(settings))):
        DawidSkene(**settings)  # type: ignore[arg-type]

"""Models of raters: GLAD, MACE, IBCC, EBCC, held to what their papers say and to slower arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from middlemost.consensus import EBCC, GLAD, IBCC, MACE
from middlemost.core.answers import Answers, encode
from middlemost.errors import SettingError

MODELS = [GLAD(), MACE(), MACE(variational=False), IBCC(), EBCC(groups=3, restarts=2)]
IDS = ["glad", "mace-vb", "mace-em", "ibcc", "ebcc"]


def frame_of(answer: np.ndarray) -> pl.DataFrame:
    """A long frame of a table (items, raters)."""
    item, rater = np.indices(answer.shape)
    columns = {"item": item.ravel(), "rater": rater.ravel(), "answer": answer.ravel()}
    return pl.DataFrame(columns).select(pl.all().cast(pl.String).str.zfill(3))


def crowd(n_items: int = 300, skills: tuple[float, ...] = (0.95, 0.85, 0.8, 0.6, 0.4)) -> tuple[Answers, np.ndarray]:
    rng = np.random.default_rng(2)
    truth = rng.integers(3, size=n_items)
    known = rng.random((n_items, len(skills))) < np.array(skills)
    answer = np.where(known, truth[:, None], rng.integers(3, size=known.shape))
    return encode(frame_of(answer)), truth


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_the_objective_rises_to_the_end(model: Any) -> None:
    answers, _ = crowd()
    fit = model.fit(answers, gold={"000": "001", "001": "002"})
    assert len(fit.history) > 3
    assert (np.diff(fit.history) > -1e-7).all()
    assert fit.objective == fit.history[-1]


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_raters_are_found_out(model: Any) -> None:
    answers, truth = crowd()
    fit = model.fit(answers)
    assert (fit.probabilities.argmax(axis=1) == truth).mean() > 0.9
    accuracy = fit.raters["accuracy"].to_list()
    assert accuracy[0] > max(accuracy[1:3]) >= min(accuracy[1:3]) > accuracy[3] > accuracy[4]


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_a_rater_is_as_accurate_as_a_fit_without_them_says(model: Any) -> None:
    """The others' chance to be wrong counts: .97 of the first rater's answers are right, .90 by what the others say."""
    answers, _ = crowd()
    accuracy = model.fit(answers).raters["accuracy"].to_list()
    for rater in range(answers.n_raters):
        without, own = model.fit(answers.take(answers.rater != rater)), answers.take(answers.rater == rater)
        assert accuracy[rater] == pytest.approx(without.probabilities[own.item, own.answer].mean(), abs=0.02)


@pytest.mark.parametrize("model", MODELS[1:], ids=IDS[1:])
def test_the_log_likelihood_is_that_of_the_answers_under_the_confusion(model: Any) -> None:
    """True of EBCC only with one group, where the raters are independent."""
    answers, _ = crowd(n_items=60)
    model = EBCC(groups=1) if isinstance(model, EBCC) else model
    fit = model.fit(answers)
    prior = np.full(3, 1 / 3) if isinstance(model, MACE) else fit.class_prior
    joint = np.tile(np.log(prior), (answers.n_items, 1))
    np.add.at(joint, answers.item, np.log(fit.confusion[answers.rater, :, answers.answer]))
    assert fit.log_likelihood == pytest.approx(np.logaddexp.reduce(joint, axis=1).sum())
    np.testing.assert_allclose(fit.confusion.sum(axis=2), 1)


def test_glads_log_likelihood_is_that_of_its_abilities_and_difficulties() -> None:
    answers, _ = crowd(n_items=60)
    fit = GLAD().fit(answers)
    odds = fit.raters["ability"].to_numpy()[answers.rater] / fit.labels["difficulty"].to_numpy()[answers.item]
    joint = np.full((answers.n_items, 3), -np.log(3))
    for label in range(3):
        right = answers.answer == label
        np.add.at(joint[:, label], answers.item, np.log(np.where(right, expit(odds), expit(-odds) / 2)))
    assert fit.log_likelihood == pytest.approx(np.logaddexp.reduce(joint, axis=1).sum())


def test_glad_is_at_a_maximum_when_it_is_told_to_go_on() -> None:
    """The gradient by hand: right minus expected, through the product of ability and ease, and the prior's pull."""
    answers, _ = crowd(n_items=60)
    fit = GLAD(tol=0, max_iter=5_000).fit(answers)
    ability, ease = fit.raters["ability"].to_numpy(), 1 / fit.labels["difficulty"].to_numpy()
    odds = ability[answers.rater] * ease[answers.item]
    surplus = fit.probabilities[answers.item, answers.answer] - expit(odds)
    of_raters = np.bincount(answers.rater, surplus * ease[answers.item]) - (ability - 1)
    of_items = np.bincount(answers.item, surplus * odds) - (np.log(ease) - 1)
    assert np.abs(of_raters).max() < 1e-3
    assert np.abs(of_items).max() < 1e-3


def test_glad_finds_the_items_on_which_raters_guess() -> None:
    answers, _ = crowd(n_items=100, skills=(0.95,) * 6)
    rng = np.random.default_rng(3)
    guessed = np.where(answers.item < 30, rng.integers(3, size=len(answers)), answers.answer)
    fit = GLAD().fit(encode(answers.frame().with_columns(answer=answers.classes.gather(guessed))))
    difficulty = fit.labels["difficulty"].to_numpy()
    assert np.median(difficulty[:30]) > 2 * np.median(difficulty[30:])


def test_mace_tells_a_spammer_by_their_habit() -> None:
    answers, _ = crowd(skills=(0.9, 0.9, 0.9, 0.0))
    spam = answers.frame().with_columns(answer=pl.when(rater="003").then(pl.lit("001")).otherwise(pl.col("answer")))
    for variational in (True, False):
        fit = MACE(variational=variational).fit(encode(spam))
        competence = fit.raters["competence"].to_numpy()
        assert competence[:3].min() > 0.8
        assert competence[3] < 0.1
        assert fit.confusion[3, :, 1].min() > 0.9


def test_more_restarts_of_mace_never_end_lower() -> None:
    answers, _ = crowd(n_items=40, skills=(0.6, 0.5, 0.4, 0.3))
    few, many = (MACE(restarts=n, variational=False).fit(answers).objective for n in (1, 20))
    assert many >= few


def test_ibcc_is_ebcc_with_one_group_and_a_flat_class_prior() -> None:
    """The class priors differ by the votes' shares, which hardly matter here."""
    answers, _ = crowd()
    ibcc, ebcc = IBCC().fit(answers), EBCC(groups=1, restarts=1).fit(answers)
    np.testing.assert_allclose(ibcc.probabilities, ebcc.probabilities, atol=0.02)


def test_ebcc_sees_that_raters_share_their_errors() -> None:
    """Four raters give the same wrong answer to a hidden kind of item, which a model of independent raters misses."""
    rng = np.random.default_rng(4)
    truth = rng.integers(2, size=600)
    kind = rng.random(600) < 0.3
    misled = np.where(kind, rng.random(600) < 0.5, False)
    copied = np.where(misled, 1 - truth, truth)
    table = [np.where(rng.random(600) < 0.95, copied, 1 - copied) for _ in range(4)]
    table += [np.where(rng.random(600) < 0.75, truth, 1 - truth) for _ in range(4)]
    answers = encode(frame_of(np.column_stack(table)))
    assert EBCC().fit(answers).log_likelihood > IBCC().fit(answers).log_likelihood + 20


def test_ebcc_refuses_tables_that_would_not_fit_in_memory() -> None:
    names, codes = pl.Series([f"{n:07d}" for n in range(3_000_000)]), np.arange(3_000_000, dtype=np.int32)
    answers = Answers(names, names, pl.Series(["no", "yes", "?"]), codes, codes, codes % 3)
    with pytest.raises(SettingError, match="Take fewer groups"):
        EBCC().fit(answers)


@pytest.mark.parametrize(
    ("model", "setting", "value"),
    [
        *((GLAD, "max_iter", 0), (MACE, "restarts", 0), (MACE, "habit", 0), (MACE, "smoothing", -1)),
        *((IBCC, "right", 0), (EBCC, "groups", 0), (EBCC, "spread", float("nan"))),
    ],
)
def test_a_setting_that_cannot_be_is_refused(model: Any, setting: str, value: float) -> None:
    with pytest.raises(SettingError, match=f"^{setting} is "):
        model(**{setting: value})

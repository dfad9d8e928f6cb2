"""Numbers against published and independently computed ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from middlemost.agreement import Alpha
from middlemost.consensus.numeric import ESTIMATORS, Huber, Mean, Median, RaterModel, TrimmedMean, distance
from middlemost.core.numbers import encode_numbers
from middlemost.errors import InputError
from middlemost.files.gold import read_gold
from middlemost.files.numbers import read_numbers


def of_one_item(values: list[float]) -> pl.DataFrame:
    return pl.DataFrame({"item": "ox", "rater": [f"r{n:03}" for n in range(len(values))], "answer": values})


@pytest.fixture
def guesses(shared: Path) -> list[float]:
    """787 guesses at the weight of an ox, at even ranks on the curve through Galton's percentiles."""
    table = pl.read_csv(shared / "data/galton1907/percentiles.csv")
    ranks = 100 * (np.arange(787) + 0.5) / 787
    return np.interp(ranks, table["percentile"], table["estimate_lb"]).tolist()


def test_the_middlemost_estimate_is_galtons(guesses: list[float]) -> None:
    found = Median().fit(encode_numbers(of_one_item(guesses))).estimates.row(0, named=True)
    assert found["estimate"] == pytest.approx(1207, abs=1e-9)
    assert 1198 < found["low"] < 1207 < found["high"] < 1215


def test_the_mean_of_galtons_curve_is_near_the_mean_of_his_cards(guesses: list[float]) -> None:
    found = Mean().fit(encode_numbers(of_one_item(guesses))).estimates.row(0, named=True)
    assert found["estimate"] == pytest.approx(1197, abs=3)


@pytest.mark.parametrize(
    ("name", "mean_absolute", "root_mean_square"), [("mean", 12.022, 17.8353), ("median", 13.5293, 21.2641)]
)
def test_emotions_are_as_far_from_the_experts_as_published(
    shared: Path, name: str, mean_absolute: float, root_mean_square: float
) -> None:
    folder = shared / "data/emotion_numeric"
    found = distance(ESTIMATORS[name]().fit(read_numbers(folder / "answers.csv")), read_gold(folder / "truth.csv"))
    assert found.mean_absolute.value == pytest.approx(mean_absolute, abs=5e-5)
    assert found.root_mean_square.value == pytest.approx(root_mean_square, abs=5e-5)
    assert found.mean_absolute.n == 700


def test_the_means_of_word_similarities_are_the_published_ones(shared: Path) -> None:
    folder = shared / "data/wordsim353"
    found = distance(Mean().fit(read_numbers(folder / "answers.csv")), read_gold(folder / "truth.csv"))
    assert found.root_mean_square.value < 0.005


def test_the_rater_model_is_level_with_the_mean_on_emotions(shared: Path) -> None:
    folder = shared / "data/emotion_numeric"
    found = distance(RaterModel().fit(read_numbers(folder / "answers.csv")), read_gold(folder / "truth.csv"))
    assert found.root_mean_square.value == pytest.approx(17.85, abs=0.05)


def test_agreement_takes_numeric_answers_as_they_are(shared: Path) -> None:
    answers = read_numbers(shared / "data/emotion_numeric/answers.csv")
    assert Alpha(level="interval").measure(answers).value == pytest.approx(0.3575, abs=5e-5)


def test_one_items_mean_has_students_interval() -> None:
    values = [3.0, 5.0, 4.5, 9.0]
    found = Mean().fit(encode_numbers(of_one_item(values))).estimates.row(0, named=True)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert (found["low"], found["high"]) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize("trim", [0.1, 0.25, 0.4])
def test_a_trimmed_mean_and_its_interval_are_scipys(trim: float) -> None:
    values = np.random.default_rng(0).standard_cauchy(20)
    found = TrimmedMean(trim=trim).fit(encode_numbers(of_one_item(values.tolist()))).estimates.row(0, named=True)
    assert found["estimate"] == pytest.approx(stats.trim_mean(values, trim))
    low, high = stats.mstats.trimmed_mean_ci(values, (trim, trim))
    assert (found["low"], found["high"]) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(("n", "beyond"), [(5, None), (6, 0), (9, 1), (20, 5), (100, 39)])
def test_a_medians_interval_leaves_as_many_answers_beyond_it_as_the_sign_test_allows(
    n: int, beyond: int | None
) -> None:
    found = Median().fit(encode_numbers(of_one_item([float(value) for value in range(n)]))).estimates
    expected = (None, None) if beyond is None else (beyond, n - 1 - beyond)
    assert (found["low"][0], found["high"][0]) == expected


def test_huber_solves_its_equation() -> None:
    values = np.random.default_rng(1).standard_t(2, 30).round(3)
    centre = Huber().fit(encode_numbers(of_one_item(values.tolist()))).estimates["estimate"][0]
    scale = stats.median_abs_deviation(values, scale="normal")
    assert np.clip((values - centre) / scale, -1.345, 1.345).sum() == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("method", [Mean(), Median(), TrimmedMean(trim=0.2)], ids=lambda method: method.name)
def test_a_rater_is_compared_with_the_others_alone(method: Mean | Median | TrimmedMean) -> None:
    rng = np.random.default_rng(2)
    frame = pl.DataFrame(
        {"item": np.repeat(np.arange(30), 7), "rater": np.tile(np.arange(7), 30), "answer": rng.integers(9, size=210)}
    ).cast({"item": pl.String, "rater": pl.String})
    bias = method.fit(encode_numbers(frame)).raters["bias"]
    for rater in range(7):
        mine = frame.filter(pl.col("rater") == str(rater)).sort("item")
        others = method.fit(encode_numbers(frame.filter(pl.col("rater") != str(rater)))).estimates["estimate"]
        assert bias[rater] == pytest.approx((mine["answer"] - others).mean())


def test_the_rater_model_finds_bias_scale_and_deviation() -> None:
    rng = np.random.default_rng(3)
    truth, bias = rng.normal(0, 10, 400), np.array([-4.0, 0, 4, 0])
    scale, noise = np.array([1, 1.2, 1, 0.8]), np.array([1.0, 2, 3, 4])
    item, rater = np.repeat(np.arange(400), 4), np.tile(np.arange(4), 400)
    answer = bias[rater] + scale[rater] * truth[item] + noise[rater] * rng.normal(size=1600)
    raters = RaterModel().fit(encode_numbers(pl.DataFrame({"item": item, "rater": rater, "answer": answer}))).raters
    np.testing.assert_allclose(raters["bias"], bias, atol=0.6)
    np.testing.assert_allclose(raters["scale"], scale, atol=0.06)
    np.testing.assert_allclose(raters["deviation"], noise, rtol=0.2)


def test_a_known_label_that_is_no_number_is_refused_and_no_known_item_is_said() -> None:
    fit = Mean().fit(encode_numbers(of_one_item([1.0, 2.0])))
    with pytest.raises(InputError, match="known label is not a number"):
        distance(fit, {"ox": "heavy"})
    assert distance(fit, {"cow": 1.0}).mean_absolute.note == "no item whose number is known has answers"

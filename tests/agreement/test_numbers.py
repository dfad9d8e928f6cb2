"""Numeric agreement against R's irr, and against definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from middlemost.agreement import ICC, NUMERIC_COEFFICIENTS, Concordance, KendallW, MeanSpearman
from middlemost.core.answers import Answers, encode
from middlemost.errors import SettingError

from .conftest import crossed

KINDS = [pytest.param(kind, id=name) for name, kind in NUMERIC_COEFFICIENTS.items()]
ICC_OF_IRR = {
    "1,1": (0.175022381, -0.0774465749, 0.484336094),
    "1,k": (0.388925729, -0.27492349, 0.738065124),
    "2,1": (0.197998259, -0.0389106261, 0.493573946),
    "2,k": (0.425498753, -0.137308091, 0.746325724),
    "3,1": (0.216049383, -0.0462578853, 0.522259078),
    "3,k": (0.452586207, -0.152921287, 0.7663308),
}


def table(values: np.ndarray[Any, Any], *, prefix: str = "") -> Answers:
    n, k = values.shape
    cells = {"item": np.repeat(np.arange(n), k), "rater": np.tile(np.arange(k), n), "answer": values.ravel()}
    return encode(pl.DataFrame(cells).with_columns(pl.concat_str(pl.lit(prefix), pl.col("item"))))


def anxiety(shared: Path) -> Answers:
    return table(pl.read_csv(shared / "reference/irr_anxiety.csv").to_numpy())


@pytest.mark.parametrize("form", ICC_OF_IRR)
def test_icc_and_its_interval(shared: Path, form: Any) -> None:
    agreement = ICC(form).measure(anxiety(shared))
    assert (agreement.value, agreement.low, agreement.high) == pytest.approx(ICC_OF_IRR[form], abs=5e-9)


def test_the_interval_of_the_mean_of_a_sample_of_raters_is_wider_than_that_of_one_rater_stepped_up(
    shared: Path,
) -> None:
    """irr has the mean's correlation where McGraw and Wong have one rater's, whose interval Spearman-Brown steps up."""
    one, mean = (ICC(form).measure(anxiety(shared)) for form in ("2,1", "2,k"))  # type: ignore[arg-type]
    low, high = (3 * end / (1 + 2 * end) for end in (one.low or 0, one.high or 0))
    assert (low, high) == pytest.approx((-0.1265827, 0.7451493), abs=5e-8)
    assert (mean.low or 0) < low < high < (mean.high or 0)


def test_kendall_s_w_and_the_mean_of_spearman_s_correlations(shared: Path) -> None:
    assert KendallW().measure(anxiety(shared)).value == pytest.approx(0.539656876, abs=5e-10)
    assert MeanSpearman(fisher=True).measure(anxiety(shared)).value == pytest.approx(0.313750487, abs=5e-10)


def test_w_without_ties_and_the_mean_correlation_are_one_thing() -> None:
    values = np.array([[1, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 4]])
    w, rho = KendallW().measure(table(values)).value, MeanSpearman().measure(table(values)).value
    assert rho == pytest.approx((3 * w - 1) / 2)
    assert KendallW(corrected=False).measure(table(values)).value == pytest.approx(w)


def test_concordance_is_its_definition_for_two_raters() -> None:
    x, y = np.array([1.0, 2, 3, 4, 5, 7]), np.array([2.0, 2, 3, 6, 5, 9])
    below = x.var() + y.var() + (x.mean() - y.mean()) ** 2
    agreement = Concordance(interval="formula").measure(table(np.column_stack([x, y])))
    assert agreement.value == pytest.approx(2 * np.cov(x, y, bias=True)[0, 1] / below)
    assert agreement.low < agreement.value < agreement.high < 1  # type: ignore[operator]
    assert agreement.standard_error is not None


def test_lin_s_error_is_near_that_of_many_samples() -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(300):
        truth = rng.normal(size=80)
        pair = np.column_stack([truth + rng.normal(scale=0.5, size=80), 0.2 + truth + rng.normal(scale=0.5, size=80)])
        found.append(Concordance(interval="formula").measure(table(pair)))
    values, errors = [a.value for a in found], [a.standard_error or 0 for a in found]
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.15)


def test_the_interval_of_icc_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(200):
        values = rng.normal(size=(30, 1)) + rng.normal(size=(30, 4))
        agreement = ICC("1,1").measure(table(values))
        inside += (agreement.low or 0) <= 0.5 <= (agreement.high or 0)
    assert 180 <= inside <= 199


@pytest.mark.parametrize("kind", KINDS)
def test_perfectly_equal_numbers_are_perfect_agreement(kind: Any) -> None:
    assert kind(draws=100).measure(table(np.repeat(np.arange(6)[:, None], 3, axis=1))).value == pytest.approx(1)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_without_variation_give_a_declared_value(kind: Any) -> None:
    agreement = kind(draws=100).measure(table(np.ones((5, 3))))
    assert (agreement.value, agreement.low) == (0.0, None)
    assert "do not vary" in (agreement.note or "")


@pytest.mark.parametrize("kind", KINDS)
def test_items_that_lack_a_rater_are_left_out_and_told(kind: Any) -> None:
    full = ["123", "234", "135", "446", "512"]
    with_gaps = kind(draws=100).measure(crossed(*full, "1 3", " 22"))
    assert with_gaps.value == pytest.approx(kind(draws=100).measure(crossed(*full)).value)
    assert "2 of 7 items lack an answer" in (with_gaps.note or "")


@pytest.mark.parametrize("kind", KINDS)
def test_too_little_to_compare_gives_a_declared_value(kind: Any) -> None:
    for answers in (crossed("1", "2", "3"), crossed("12", "21"), crossed("1 ", " 2", "1 ")):
        agreement = kind(draws=100).measure(answers)
        assert (agreement.value, agreement.low) == (0.0, None)
        assert "set to 0" in (agreement.note or "")


@pytest.mark.parametrize("kind", KINDS)
def test_names_and_order_do_not_matter(kind: Any) -> None:
    values = np.random.default_rng(0).integers(8, size=(15, 3))
    first, second = table(values), table(values[::-1, [2, 0, 1]], prefix="x")
    a, b = (kind(draws=200, interval="items").measure(answers) for answers in (first, second))
    assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high))
    assert a.low < a.value < a.high


@pytest.mark.parametrize("kind", KINDS)
def test_words_and_raters_to_draw_from_are_refused(kind: Any) -> None:
    with pytest.raises(SettingError, match="numbers") as caught:
        kind().measure(crossed("1b", "21", "12"))
    assert caught.value.place is not None
    assert caught.value.place.value == "b"
    with pytest.raises(SettingError, match="over raters"):
        kind(interval="raters")


def test_a_form_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SettingError, match="'4,1'"):
        ICC("4,1")  # type: ignore[arg-type]


def test_a_repeated_answer_counts_with_its_mean() -> None:
    frame = pl.DataFrame({"item": list("aaabbcc"), "rater": list("xxyxyxy"), "answer": list("1322254")})
    once = pl.DataFrame({"item": list("aabbcc"), "rater": list("xyxyxy"), "answer": list("222254")})
    value = ICC().measure(encode(frame, repeats="all")).value
    assert value == pytest.approx(ICC().measure(encode(once)).value)

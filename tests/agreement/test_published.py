"""The coefficients against published and independently computed values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.agreement import Alpha, Coefficient, FleissKappa, PercentAgreement
from middlemost.agreement.alpha import Level
from middlemost.core.answers import Answers, encode

R_NAMES = {"Percent Agreement": PercentAgreement, "Fleiss' Kappa": FleissKappa, "Krippendorff's Alpha": Alpha}
R_TABLES = {
    "cac.raw4raters": "4raters",
    "cac.raw5obser": "5observers",
    "cac.raw.g1g2": "g1g2",
    "cac.raw.gender": "gender",
    "cac.ben.gerry": "ben_gerry",
}


def read(path: Path) -> Answers:
    return encode(pl.read_csv(path, infer_schema=False))


@pytest.mark.parametrize(
    ("level", "value"), [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)]
)
def test_alpha_of_krippendorff_2011(shared: Path, level: Level, value: float) -> None:
    answers = read(shared / "data/agreement_reference/answers_krippendorff2011_4x12.csv")
    assert Alpha(level, draws=100).measure(answers).value == pytest.approx(value, abs=5e-7)


def test_kappa_of_fleiss_1971(shared: Path) -> None:
    answers = read(shared / "data/agreement_reference/answers_fleiss1971_diagnoses.csv")
    assert FleissKappa().measure(answers).value == pytest.approx(0.43024452, abs=1e-8)


@pytest.mark.parametrize("table", R_TABLES)
@pytest.mark.parametrize("name", R_NAMES)
def test_values_of_gwets_own_package_with_missing_ratings(shared: Path, table: str, name: str) -> None:
    rows = pl.read_csv(shared / "reference/irrcac_R_1.4_reference.csv", infer_schema=False)
    row = rows.filter(dataset=table, coeff=name, weights="unweighted").row(0, named=True)
    answers = read(shared / f"data/agreement_reference/answers_irrcac_raw_{R_TABLES[table]}.csv")
    agreement = R_NAMES[name]().measure(answers)
    assert agreement.value == pytest.approx(float(row["value"]), abs=5.1e-6)


@pytest.mark.parametrize(
    ("name", "level", "value"),
    [
        ("convabuse", "interval", 0.7318),
        ("convabuse", "nominal", 0.4355),
        ("paraphrase_likert", "interval", 0.4871),
        ("wordsim353", "interval", 0.5597),
        ("emotion_numeric", "interval", 0.3575),
        ("multipico", "nominal", 0.2718),
        ("rte", "nominal", 0.2415),
    ],
)
def test_alpha_of_real_sets(shared: Path, name: str, level: Level, value: float) -> None:
    (path,) = (shared / "data" / name).glob("answers.csv*")
    assert Alpha(level, draws=100).measure(read(path)).value == pytest.approx(value, abs=5.1e-5)


@pytest.mark.parametrize("coefficient", [Alpha(), FleissKappa(), PercentAgreement()])
def test_the_interval_is_near_the_one_of_large_sample_theory(shared: Path, coefficient: Coefficient) -> None:
    """R's standard errors for 10 to 20 subjects, on the table with most of them."""
    rows = pl.read_csv(shared / "reference/irrcac_R_1.4_reference.csv", infer_schema=False)
    name = next(name for name, kind in R_NAMES.items() if isinstance(coefficient, kind))
    row = rows.filter(dataset="cac.raw5obser", coeff=name, weights="unweighted").row(0, named=True)
    answers = read(shared / "data/agreement_reference/answers_irrcac_raw_5observers.csv")
    agreement = coefficient.measure(answers)
    assert agreement.low is not None
    assert agreement.high is not None
    assert agreement.high - agreement.low == pytest.approx(2 * 1.96 * float(row["se"]), rel=0.15)


def test_intervals_hold_the_value_of_the_population_about_as_often_as_they_say() -> None:
    """100 samples of 150 items from raters with a known agreement: .7 right in two classes, else the other."""
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(100):
        right = rng.random((150, 4)) < 0.7
        cells = {"item": np.repeat(np.arange(150), 4), "rater": np.tile(np.arange(4), 150)}
        truth = np.repeat(rng.integers(2, size=150), 4)
        cells["answer"] = np.where(right.ravel(), truth, 1 - truth)
        agreement = PercentAgreement(draws=300).measure(encode(pl.DataFrame(cells)))
        inside += (agreement.low or 0) <= 0.58 <= (agreement.high or 1)
    assert 88 <= inside <= 100

"""Every row of Gwet's own package (irrCAC for R, 1.4): value, standard error and interval."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.agreement import (
    Alpha,
    BrennanPrediger,
    CohenKappa,
    CongerKappa,
    FleissKappa,
    GwetAC,
    PercentAgreement,
    ScottPi,
)
from middlemost.agreement.weights import Weighting
from middlemost.core.answers import Answers
from middlemost.core.results import Agreement

from .conftest import R_TABLES, crosstab, raw

TABLES = ("cont3x3abstractors", "cont4x4diagnosis")
WEIGHTINGS = ("unweighted", "quadratic", "ordinal", "linear", "radical", "ratio", "circular", "bipolar")
KINDS = {
    "pa": PercentAgreement,
    "gwet": GwetAC,
    "fleiss": FleissKappa,
    "conger": CongerKappa,
    "bp": BrennanPrediger,
    "bp2": BrennanPrediger,
    "pa2": PercentAgreement,
    "kappa2": CohenKappa,
    "scott2": ScottPi,
}


@cache
def reference(shared: Path) -> pl.DataFrame:
    rows = pl.read_csv(shared / "reference/irrcac_R_1.4_reference.csv", infer_schema=False)
    return rows.with_columns(pl.col("func").str.split(".").list.first().alias("kind"))


def ours(kind: str, weighting: str, answers: Answers) -> Agreement:
    weights: Weighting = "identity" if weighting == "unweighted" else weighting  # type: ignore[assignment]
    if kind.startswith("krippen"):
        return Alpha(weights=weights, interval="formula").measure(answers)
    return KINDS[kind](weights, interval="formula").measure(answers)


def rows_of(shared: Path, dataset: str, weighting: str, *, least: int) -> list[dict[str, str]]:
    rows = list(reference(shared).filter(dataset=dataset, weights=weighting).iter_rows(named=True))
    assert len(rows) >= least
    return rows


def ends(row: dict[str, str]) -> tuple[float, float]:
    low, high = row["ci"].strip("()").split(",")
    return float(low), float(high)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("dataset", R_TABLES)
def test_raw_ratings(shared: Path, dataset: str, weighting: str) -> None:
    answers = raw(shared, dataset)
    undefined = dataset == "cac.raw5obser" and weighting == "ratio"
    for row in rows_of(shared, dataset, weighting, least=5):
        agreement = ours(row["kind"], weighting, answers)
        if undefined:  # one class is 0, and R divides 0 by 0 where both answers are; ours are then equal
            assert row["value"] == "NA"
            assert np.isfinite(agreement.value)
            continue
        assert agreement.value == pytest.approx(float(row["value"]), abs=5.1e-6), row["func"]
        assert agreement.standard_error == pytest.approx(float(row["se"]), abs=5.1e-6), row["func"]
        assert (agreement.low, agreement.high) == pytest.approx(ends(row), abs=5.1e-4), row["func"]


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("dataset", TABLES)
def test_tables_of_two_raters(shared: Path, dataset: str, weighting: str) -> None:
    """R's functions for two raters divide by n; those for raw ratings by n - 1, as ours do but for Cohen and Scott."""
    answers = crosstab(shared, dataset)
    for row in rows_of(shared, dataset, weighting, least=6):
        agreement = ours(row["kind"], weighting, answers)
        exact = row["kind"] in ("kappa2", "scott2")
        smaller = 1.0 if exact else np.sqrt((answers.n_items - 1) / answers.n_items)
        assert agreement.value == pytest.approx(float(row["value"]), abs=1e-12), row["func"]
        assert agreement.standard_error is not None
        assert agreement.standard_error * smaller == pytest.approx(float(row["se"]), abs=1e-12), row["func"]
        if exact:
            assert (agreement.low, agreement.high) == pytest.approx(ends(row), abs=5.1e-4), row["func"]


def test_all_335_rows_are_checked_here(shared: Path) -> None:
    assert reference(shared).filter(pl.col("dataset").is_in([*R_TABLES, *TABLES])).height == 335
    assert set(reference(shared)["weights"]) == set(WEIGHTINGS)
    assert set(reference(shared)["kind"]) <= {*KINDS, "krippen", "krippen2"}

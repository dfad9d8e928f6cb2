"""Cohen's kappa, Scott's pi, Conger's kappa: raters with shares of their own."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from middlemost.agreement import CohenKappa, CongerKappa, FleissKappa, ScottPi, by_pair
from middlemost.agreement.pairs import OfPairs
from middlemost.core.answers import encode
from middlemost.errors import SettingError

from .conftest import crossed, crosstab, raw, read


def test_light_s_and_conger_s_kappa_of_fleiss_1971(shared: Path) -> None:
    answers = read(shared / "data/agreement_reference/answers_fleiss1971_diagnoses.csv")
    assert CohenKappa(draws=100).measure(answers).value == pytest.approx(0.459412144, abs=5e-10)
    assert CongerKappa(draws=100).measure(answers).value == pytest.approx(0.44180854, abs=5e-9)


def test_two_of_the_raters_of_fleiss_1971(shared: Path) -> None:
    answers = read(shared / "data/agreement_reference/answers_fleiss1971_diagnoses.csv")
    two = answers.take((answers.rater == 1) | (answers.rater == 2))
    assert CohenKappa(draws=100).measure(two).value == pytest.approx(0.631147541, abs=5e-10)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
@pytest.mark.parametrize("table", ["cont3x3abstractors", "cont4x4diagnosis"])
def test_weighted_kappa_and_its_error_as_statsmodels_has_them(shared: Path, table: str, weights: str | None) -> None:
    known = json.loads((shared / "reference/agreement_reference.json").read_text())[table][str(weights)]
    kappa = CohenKappa(weights or "identity", draws=100).measure(crosstab(shared, table))  # type: ignore[arg-type]
    assert kappa.value == pytest.approx(known["kappa"], abs=1e-12)
    assert kappa.standard_error == pytest.approx(known["se"], abs=1e-12)


def test_the_mean_over_pairs_is_that_of_the_pairs_taken_alone(shared: Path) -> None:
    answers = raw(shared, "cac.raw5obser")
    pairs = [answers.take((answers.rater == g) | (answers.rater == h)) for g, h in combinations(range(5), 2)]
    for kind in (CohenKappa, ScottPi):
        alone = [kind(draws=100).measure(pair) for pair in pairs]
        values = [agreement.value for agreement in alone if "set to 0" not in (agreement.note or "")]
        assert len(values) == 9
        assert kind(draws=100).measure(answers).value == pytest.approx(np.mean(values))


def test_pairs_without_a_kappa_are_left_out_and_told() -> None:
    kappa = CohenKappa().measure(crossed("12 ", "21 ", "11 ", "222", "1 1"))
    assert "2 of 3 pairs of raters" not in (kappa.note or "")
    assert "1 of 3 pairs of raters share fewer than 2 items" in (kappa.note or "")
    assert kappa.standard_error is None


def test_raters_who_meet_only_once_give_a_declared_value() -> None:
    kappa = CohenKappa().measure(crossed("12  ", "  21", "1  2"))
    assert (kappa.value, kappa.low) == (0.0, None)
    assert "no two raters share two items" in (kappa.note or "")


def test_raters_who_favour_other_classes_are_excused_by_cohen_and_not_by_scott() -> None:
    answers = crossed(*["11"] * 4, *["12"] * 4, *["22"] * 2)
    assert CohenKappa().measure(answers).value > ScottPi().measure(answers).value


def test_two_raters_conger_is_cohen_and_scott_is_fleiss() -> None:
    answers = crossed("11", "12", "22", "22", "31", "33", "13")
    assert CongerKappa().measure(answers).value == pytest.approx(CohenKappa().measure(answers).value)
    assert FleissKappa().measure(answers).value == pytest.approx(ScottPi().measure(answers).value)


def test_every_pair_has_its_row() -> None:
    answers = crossed("111", "121", "22 ", "22 ", "1 2")
    frame = by_pair(answers)
    assert frame.select("first", "second", "n_shared").rows() == [("r0", "r1", 4), ("r0", "r2", 3), ("r1", "r2", 2)]
    assert frame["agrees"].to_list() == pytest.approx([3 / 4, 2 / 3, 1 / 2])
    two = answers.take(answers.rater < 2)
    assert frame["kappa"][0] == pytest.approx(CohenKappa().measure(two).value)


def test_too_many_pairs_are_refused_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("middlemost.agreement.crossing.MOST_PAIRS", 3)
    with pytest.raises(SettingError, match="too many for a coefficient of pairs"):
        OfPairs.of(crossed("1212", "2121"), None)


def test_a_rater_s_repeats_are_compared_with_others_and_not_with_each_other() -> None:
    frame = pl.DataFrame({"item": list("aaabbcc"), "rater": list("xxyxyxy"), "answer": list("1212211")})
    kappa = CohenKappa(draws=100).measure(encode(frame, repeats="all"))
    assert (kappa.note or "").endswith("1 answer repeats a rater's own on the same item: not compared with each other")
    assert by_pair(encode(frame, repeats="all"))["n_shared"].to_list() == [4]

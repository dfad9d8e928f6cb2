"""What a value is said to mean."""

from __future__ import annotations

from typing import Any

import pytest

from middlemost.agreement import (
    COEFFICIENTS,
    NUMERIC_COEFFICIENTS,
    Alpha,
    BrennanPrediger,
    CohenKappa,
    FleissKappa,
    GwetAC,
    PercentAgreement,
    meaning,
)

from .conftest import crossed

SKEWED = crossed(*["11"] * 90, *["12"] * 5, *["21"] * 4, "22")
EVEN = crossed(*["11"] * 40, *["22"] * 40, *["12", "21"] * 10)


@pytest.mark.parametrize("kind", [*COEFFICIENTS.values(), *NUMERIC_COEFFICIENTS.values()])
def test_every_coefficient_has_a_sentence(kind: Any) -> None:
    sentence = meaning(kind().measure(EVEN), EVEN).sentence
    assert sentence.endswith(".")
    assert any(digit in sentence for digit in "0123456789")


def test_high_agreement_with_a_low_kappa_is_explained_where_classes_are_skewed() -> None:
    kappa = FleissKappa().measure(SKEWED)
    assert kappa.value < 0.3
    (caution,) = [words for words in meaning(kappa, SKEWED).cautions if "chance agreement" in words]
    assert "94 % of all answers are '1'" in caution
    assert "91 % of pairs of answers agree" in caution
    assert not [words for words in meaning(FleissKappa().measure(EVEN), EVEN).cautions if "chance agreement" in words]


def test_a_high_ac1_on_skewed_classes_comes_with_the_opposite_warning() -> None:
    agreement = GwetAC().measure(SKEWED)
    assert agreement.value > 0.8
    assert any("do not find the rest" in words for words in meaning(agreement, SKEWED).cautions)


def test_percent_agreement_names_what_chance_would_give() -> None:
    (caution,) = meaning(PercentAgreement().measure(EVEN), EVEN).cautions
    assert "would agree in 50 % of cases" in caution


def test_krippendorff_s_marks_are_named() -> None:
    for answers, words in ((crossed(*["11", "22"] * 30, "12"), "reliable"), (EVEN, "unreliable")):
        assert words in meaning(Alpha().measure(answers), answers).sentence
    tentative = crossed(*["11", "22"] * 40, *["12"] * 12)
    assert "tentative" in meaning(Alpha().measure(tentative), tentative).sentence


def test_agreement_no_better_than_chance_is_called_so() -> None:
    answers = crossed("12", "21", "12", "21", "11")
    assert "no more than chance" in meaning(FleissKappa().measure(answers), answers).sentence
    assert "at random" in meaning(Alpha().measure(answers), answers).sentence


def test_a_wide_interval_is_called_too_wide() -> None:
    few = crossed("11", "12", "22", "11", "22", "21")
    assert any("too wide to rely on" in words for words in meaning(FleissKappa().measure(few), few).cautions)


def test_raters_with_habits_of_their_own_are_named_where_the_coefficient_excuses_them() -> None:
    answers = crossed(*["11"] * 20, *["21"] * 20, *["22"] * 5)
    assert any("excuses" in words for words in meaning(CohenKappa().measure(answers), answers).cautions)
    assert not any("excuses" in words for words in meaning(FleissKappa().measure(answers), answers).cautions)


def test_classes_that_nobody_uses_are_named_where_they_raise_the_value() -> None:
    answers = crossed(*["11"] * 200, *["22"] * 150, "34")
    assert any("2 of 4 classes" in words for words in meaning(BrennanPrediger().measure(answers), answers).cautions)


def test_unequal_numbers_of_answers_call_for_a_fixed_design() -> None:
    answers = crossed(*["11 ", "22 ", "121"] * 5)
    assert any("2 to 3 answers" in words for words in meaning(Alpha().measure(answers), answers).cautions)


def test_a_declared_value_has_no_meaning_but_its_reason() -> None:
    answers = crossed("11", "11")
    said = meaning(FleissKappa().measure(answers), answers)
    assert said.sentence.startswith("There is nothing to say: all answers are the same")
    assert not said.cautions

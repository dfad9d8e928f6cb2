"""What the coefficients do at the edges."""

from __future__ import annotations

import polars as pl
import pytest

from middlemost.agreement import COEFFICIENTS, Alpha, Coefficient, FleissKappa, PercentAgreement
from middlemost.agreement.alpha import Level
from middlemost.core.answers import Answers, encode
from middlemost.errors import SettingError


def crossed(*items: str) -> Answers:
    """One string an item, one letter a rater; a space is a missing answer."""
    rows = [(f"i{n}", f"r{m}", a) for n, item in enumerate(items) for m, a in enumerate(item) if a != " "]
    return encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))


@pytest.mark.parametrize("coefficient", [Alpha(), FleissKappa()])
def test_one_class_only_gives_nothing_and_says_why(coefficient: Coefficient) -> None:
    agreement = coefficient.measure(crossed("11", "11", "11"))
    assert (agreement.value, agreement.low, agreement.high) == (0.0, None, None)
    assert "all answers are the same" in (agreement.note or "")


def test_one_class_only_is_full_percent_agreement_without_an_interval() -> None:
    agreement = PercentAgreement().measure(crossed("11", "11", "11"))
    assert (agreement.value, agreement.low) == (1.0, None)


@pytest.mark.parametrize("kind", COEFFICIENTS.values())
def test_no_overlap_gives_nothing_and_says_why(kind: type[Coefficient]) -> None:
    agreement = kind().measure(crossed("1 ", " 2", "1 "))
    assert (agreement.value, agreement.low, agreement.high) == (0.0, None, None)
    assert "no item has two answers" in (agreement.note or "")


@pytest.mark.parametrize("kind", COEFFICIENTS.values())
def test_a_part_without_answers_gives_nothing_and_says_why(kind: type[Coefficient]) -> None:
    answers = crossed("12", "21")
    agreement = kind().measure(answers.take(answers.item > 5))
    assert (agreement.value, agreement.n_items, agreement.n_raters) == (0.0, 0, 0)
    assert "no answers" in (agreement.note or "")


@pytest.mark.parametrize("kind", COEFFICIENTS.values())
def test_one_item_has_no_interval(kind: type[Coefficient]) -> None:
    agreement = kind().measure(crossed("122", "1  "))
    assert (agreement.low, agreement.high) == (None, None)
    assert "only one item has two answers" in (agreement.note or "")


@pytest.mark.parametrize("kind", COEFFICIENTS.values())
def test_perfect_agreement_is_one_and_claims_no_certainty(kind: type[Coefficient]) -> None:
    agreement = kind().measure(crossed("11", "22", "11", "22"))
    assert (agreement.value, agreement.low, agreement.high) == (1.0, None, None)
    assert "agree" in (agreement.note or "")


def test_a_rare_class_in_few_items_has_no_interval() -> None:
    agreement = Alpha().measure(crossed("11", "11", "12", "11"))
    assert (agreement.low, agreement.high) == (None, None)
    assert "too few items" in (agreement.note or "")


def test_repeats_of_one_rater_are_told() -> None:
    frame = pl.DataFrame({"item": list("aabb"), "rater": list("xxxy"), "answer": list("1212")})
    note = PercentAgreement().measure(encode(frame, repeats="all")).note
    assert "1 answers repeat" not in (note or "")
    assert "1 answer repeats a rater's own" in (note or "")


@pytest.mark.parametrize("level", ["interval", "ratio"])
def test_distances_need_numbers(level: Level) -> None:
    with pytest.raises(SettingError, match="numbers") as caught:
        Alpha(level).measure(crossed("1b", "b1"))
    assert caught.value.place is not None
    assert caught.value.place.value == "b"


@pytest.mark.parametrize("word", ["nan", "inf"])
def test_words_that_only_look_like_numbers_are_no_numbers(word: str) -> None:
    frame = pl.DataFrame({"item": list("aabb"), "rater": list("xyxy"), "answer": ["1", word, "2", "1"]})
    with pytest.raises(SettingError, match="numbers"):
        Alpha("interval").measure(encode(frame))


def test_ratios_need_numbers_from_nought_up() -> None:
    frame = pl.DataFrame({"item": list("aabb"), "rater": list("xyxy"), "answer": ["1", "-2", "2", "1"]})
    with pytest.raises(SettingError, match="from 0 up"):
        Alpha("ratio").measure(encode(frame))


def test_ordinal_answers_are_ordered_as_numbers_where_they_are_numbers() -> None:
    rows = {"item": list("aabbcc"), "rater": list("xyxyxy")}
    tens = encode(pl.DataFrame(rows | {"answer": ["9", "10", "9", "9", "11", "10"]}))
    letters = encode(pl.DataFrame(rows | {"answer": ["a", "b", "a", "a", "c", "b"]}))
    first, second = Alpha("ordinal").measure(tens), Alpha("ordinal").measure(letters)
    assert first.value == pytest.approx(second.value, abs=1e-12)
    assert "in this order: a, b, c" in (second.note or "")
    assert "in this order" not in (first.note or "")


def test_interval_alpha_does_not_change_with_the_unit() -> None:
    rows = {"item": list("aabbcc"), "rater": list("xyxyxy")}
    metres, huge = (
        Alpha("interval").measure(encode(pl.DataFrame(rows | {"answer": [f"{v}{e}" for v in (1, 2, 2, 2, 7, 5)]})))
        for e in ("", "e200")
    )
    assert metres.value == pytest.approx(huge.value)


@pytest.mark.parametrize(
    ("settings", "words"), [({"draws": 10}, "draws is 10"), ({"confidence": 95}, "confidence"), ({"seed": -1}, "seed")]
)
def test_impossible_settings_are_refused(settings: dict[str, int], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        Alpha(**settings)  # type: ignore[arg-type]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(SettingError, match="'cardinal'"):
        Alpha("cardinal")  # type: ignore[arg-type]


def test_a_wider_confidence_gives_a_wider_interval() -> None:
    answers = crossed(*["112", "221", "111", "222", "121"] * 6)
    narrow, wide = (FleissKappa(confidence=c).measure(answers) for c in (0.5, 0.99))
    assert None not in (narrow.low, narrow.high, wide.low, wide.high)
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high  # type: ignore[operator]

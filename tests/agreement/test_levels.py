"""Alpha's distances and the kappas' weights, against their definitions taken answer by answer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from middlemost.agreement import Alpha, BrennanPrediger, FleissKappa, GwetAC, PercentAgreement
from middlemost.agreement.weights import weigh
from middlemost.core.answers import Answers, encode
from middlemost.errors import SettingError

from .conftest import crossed

SETS = """a|c a|c c/a b a/c c c/b|c b|c a|b|c/c a|c a|c/a a|b a/a|c a|c a|b|c/a|c a a|c/a|b a|b a|b/
b|c a c/a a|b a|c/b|c b b|c""".replace("\n", "").split("/")


def by_definition(answers: Answers, distance: Callable[[str, str], float]) -> float:
    """1 - observed / expected, over all ordered pairs of answers."""
    items = [answers.classes.gather(answers.answer[answers.item == i]).to_list() for i in range(answers.n_items)]
    items = [item for item in items if len(item) > 1]
    every = [answer for item in items for answer in item]
    observed = sum(sum(distance(a, b) for a, b in permutations(item, 2)) / (len(item) - 1) for item in items)
    expected = sum(distance(a, b) for a, b in permutations(every, 2)) / (len(every) - 1)
    return 1 - observed / expected


DISTANCES: dict[str, Callable[[str, str], float]] = {
    "nominal": lambda a, b: float(a != b),
    "interval": lambda a, b: (float(a) - float(b)) ** 2,
    "ratio": lambda a, b: ((float(a) - float(b)) / (float(a) + float(b))) ** 2,
    "circular": lambda a, b: float(np.sin(np.pi * (float(a) - float(b)) / 5) ** 2),
}


@pytest.mark.parametrize("level", DISTANCES)
@settings(max_examples=30, deadline=None)
@given(rows=st.lists(st.text("12345 ", min_size=4, max_size=4), min_size=3, max_size=8))
def test_alpha_is_its_definition(level: Any, rows: list[str]) -> None:
    answers = crossed("15  ", "1155", *rows)
    assert Alpha(level, draws=100).measure(answers).value == pytest.approx(by_definition(answers, DISTANCES[level]))


def test_a_circle_closes_where_its_period_says() -> None:
    hours = encode(pl.DataFrame({"item": list("aabbcc"), "rater": list("xyxyxy"), "answer": "23 0 1 1 12 13".split()}))
    value = Alpha("circular", period=24).measure(hours).value
    assert value == pytest.approx(by_definition(hours, lambda a, b: np.sin(np.pi * (float(a) - float(b)) / 24) ** 2))
    assert value > 0.9 > Alpha("interval").measure(hours).value


@pytest.mark.parametrize(("level", "value"), [("masi", 0.3613466975070674), ("jaccard", 0.3946033210332105)])
def test_sets_of_labels_as_nltk_compares_them(level: Any, value: float) -> None:
    rows = [(str(i), rater, a) for i, item in enumerate(SETS) for rater, a in zip("xyz", item.split(), strict=True)]
    answers = encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))
    assert Alpha(level, draws=100).measure(answers).value == pytest.approx(value, abs=1e-12)


def test_the_order_of_labels_in_a_set_and_spaces_do_not_matter() -> None:
    rows = {"item": list("aabbcc"), "rater": list("xyxyxy")}
    first = encode(pl.DataFrame(rows | {"answer": ["p;q", "q; p", "q", "q;r", "r", "r"]}))
    agreement = Alpha("masi", separator=";").measure(first)
    same = encode(pl.DataFrame(rows | {"answer": ["p;q", "p;q", "q", "q;r", "r", "r"]}))
    assert agreement.value == pytest.approx(Alpha("masi", separator=";").measure(same).value)


def test_an_empty_answer_is_the_empty_set() -> None:
    rows = {"item": list("aabb"), "rater": list("xyxy"), "answer": ["", "p", "p", "p"]}
    assert np.isfinite(Alpha("jaccard").measure(encode(pl.DataFrame(rows))).value)


def test_a_distance_of_ones_own_can_be_a_function_or_a_mapping() -> None:
    answers = crossed("12", "23", "11", "31", "22")
    given = {("1", "2"): 1.0, ("1", "3"): 4.0, ("2", "3"): 1.0}
    interval = Alpha("interval").measure(answers)
    for distance in (given, lambda a, b: (int(a) - int(b)) ** 2):
        mine = Alpha(distance=distance).measure(answers)  # type: ignore[arg-type]
        assert (mine.value, mine.low) == pytest.approx((interval.value, interval.low))
        assert mine.standard_error == pytest.approx(interval.standard_error)


def test_a_weight_of_ones_own_is_like_the_named_one() -> None:
    answers = crossed("12", "23", "11", "31", "22")
    mine = FleissKappa(lambda a, b: 1 - ((int(a) - int(b)) / 2) ** 2).measure(answers)
    assert mine.value == pytest.approx(FleissKappa("quadratic").measure(answers).value)


@pytest.mark.parametrize("kind", [PercentAgreement, FleissKappa, GwetAC, BrennanPrediger])
@pytest.mark.parametrize("weights", ["linear", "quadratic", "ordinal", "radical"])
def test_answers_nearby_agree_more_than_answers_far_apart(kind: Any, weights: Any) -> None:
    base = ["11", "22", "33", "44", "22", "33"]
    near, far = (kind(weights, draws=100).measure(crossed(*base, *odd)).value for odd in (["12", "34"], ["14", "41"]))
    assert near > far


def test_classes_that_are_no_numbers_are_weighed_in_their_order_with_a_note() -> None:
    note = FleissKappa("linear").measure(crossed("ab", "cc", "ba")).note
    assert "in this order: a, b, c" in (note or "")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: FleissKappa("cubic"), "'cubic'"),
        (lambda: Alpha("ordinal", weights="linear"), "Only one"),
        (lambda: Alpha("interval", period=24), "period"),
        (lambda: Alpha("masi", separator=""), "separator"),
        (lambda: GwetAC(interval="guess"), "interval is 'guess'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        make()


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        ({("1", "2"): 1.0}, "Nothing is given for"),
        (lambda a, b: float("nan"), "finite"),
        (lambda a, b: float(a) - float(b), "both ways"),
        (lambda a, b: -1.0, "below 0"),
    ],
)
def test_distances_that_are_none_are_refused(distance: Any, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        Alpha(distance=distance).measure(crossed("12", "23", "13"))


def test_weights_outside_nought_to_one_are_refused() -> None:
    with pytest.raises(SettingError, match="outside 0 to 1"):
        FleissKappa(lambda a, b: 2.0).measure(crossed("12", "21"))


def test_too_many_classes_to_weigh_are_refused_and_the_rest_is_measured() -> None:
    n = 4_000
    one = np.arange(n)
    answer = np.stack([one, np.where(one % 5 == 0, (one + 1) % n, one)], axis=1).ravel()
    frame = pl.DataFrame({"item": np.repeat(one, 2), "rater": [0, 1] * n, "answer": answer})
    answers = encode(frame.cast(pl.String))
    with pytest.raises(SettingError, match="too many to weigh"):
        GwetAC("linear").measure(answers)
    for level in ("nominal", "interval", "ordinal"):
        assert 0 < Alpha(level, draws=100).measure(answers).value <= 1


@pytest.mark.parametrize("name", ["linear", "quadratic", "ordinal", "radical", "ratio", "circular", "bipolar"])
def test_weights_are_one_for_equal_answers_symmetric_and_in_range(name: Any) -> None:
    weights, _ = weigh(pl.Series(["1", "2", "3", "4"]), name)
    assert weights is not None
    np.testing.assert_array_equal(weights, weights.T)
    np.testing.assert_array_equal(np.diag(weights), 1)
    assert 0 <= weights.min() < 1

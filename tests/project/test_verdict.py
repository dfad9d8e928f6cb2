"""The verdict: which answer, on what grounds, and what is in the way."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import pytest

from middlemost.core.results import Agreement
from middlemost.project.oddities import Oddity
from middlemost.project.overview import Confused, GoldCheck, share_of
from middlemost.project.verdict import Facts, judge


def alpha(value: float, low: float | None) -> Agreement:
    high = None if low is None else min(1.0, value + 0.02)
    return Agreement("alpha", value, low, high, 0.95, 500, 9, 1_500, None if low is not None else "too little")


def check(
    wrong: int, n: int, *, commonest: float = 0.5, drawn: str | None = "random", missed: bool = False
) -> GoldCheck:
    by_label = pl.DataFrame(
        {"label": ["rare"], "n": [40], "right": [8], "low": [0.09], "high": [0.36 if missed else 0.9]}
    )
    return GoldCheck(n, 0, share_of(wrong, n), commonest, "none", by_label, None, 0, drawn)


def facts(gold: GoldCheck | None = None, **changes: object) -> Facts:
    plain = Facts(500, 1_500, 3, 0.0, alpha(0.5, 0.45), gold, gold is not None, (), ())
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "n", "answer", "headline"),
    [
        (0, 400, "yes", "Yes. At most 0.9 % of the labels are wrong."),
        (20, 400, "yes", "Yes. At most 7.6 % of the labels are wrong."),
        (60, 400, "with care", "With care. About 15.0 % of the labels are wrong."),
        (120, 400, "no", "No. At least 25.5 % of the labels are wrong."),
        (1, 10, "unknown", "Not known yet. Between 0.3 % and 44.5 % of the labels are wrong."),
    ],
)
def test_gold_drawn_at_random_decides(wrong: int, n: int, answer: str, headline: str) -> None:
    verdict = judge(facts(check(wrong, n)))
    assert (verdict.answer, verdict.headline) == (answer, headline)


def test_labels_that_are_clean_enough_to_test_on_are_called_so() -> None:
    assert "to test with, too" in judge(facts(check(0, 400))).basis
    assert "want to be cleaner" in judge(facts(check(20, 400))).basis


def test_labels_that_a_constant_answer_would_beat_are_refused_however_few_are_wrong() -> None:
    verdict = judge(facts(check(40, 400, commonest=0.95)))
    assert verdict.headline == "No. Answering “none” to everything would do better."


@pytest.mark.parametrize(
    ("measured", "headline"),
    [
        (alpha(0.85, 0.81), "Perhaps. Raters agree well, but nobody has checked them."),
        (alpha(1.0, None), "Perhaps. Raters agree well, but nobody has checked them."),
        (alpha(0.81, 0.78), "Not before a check. Raters agree fairly well, but unproven."),
        (alpha(0.50, 0.45), "Not before a check. Raters often disagree."),
        (alpha(0.10, 0.05), "Not before a check. Raters hardly agree."),
    ],
)
@pytest.mark.parametrize("gold", [None, check(0, 400, drawn="chosen")])
def test_without_gold_drawn_at_random_nothing_is_a_yes(
    measured: Agreement, headline: str, gold: GoldCheck | None
) -> None:
    verdict = judge(facts(gold, alpha=measured))
    assert (verdict.answer, verdict.headline) == ("unknown", headline)
    assert verdict.reasons[0].grave
    assert "check-these.csv" in verdict.reasons[0].mend


def test_gold_of_which_nobody_answered_an_item_points_at_the_ids() -> None:
    assert judge(facts(gold_given=True)).reasons[0].mend == "Do the item ids match?"


def test_one_label_a_handful_of_items_and_single_answers_are_said_first() -> None:
    assert judge(facts(check(0, 400), n_labels=1)).headline == "No. Every answer is the same."
    assert judge(facts(n_items=7)).headline == "Too little to say: 7 items."
    assert judge(facts(single_share=0.95)).headline == "Nobody can tell. Nearly every item rests on one answer."


def test_a_label_that_gold_shows_to_be_missed_is_grave() -> None:
    reason = judge(facts(check(4, 400, missed=True))).reasons[0]
    assert reason.grave
    assert reason.words == "Label “rare” is mostly missed: 8 of 40 gold items that have it were found."


def test_what_is_grave_comes_first_and_every_reason_has_a_mend() -> None:
    odd = (
        Oddity("quick", "2 raters are quick.", 2, 0.05, ("a", "b")),
        Oddity("copies", "1 pair copies.", 1, 0.4, ("a and b",)),
        Oddity("single-answer items", "150 items have one.", 150, 0.3),
    )
    pairs = (Confused("neutral", "kind", 0.4, 120), Confused("kind", "neutral", 0.1, 30))
    verdict = judge(facts(check(10, 400), oddities=odd, confused=pairs))
    assert [reason.words.split(".")[0] for reason in verdict.reasons] == [
        "1 pair copies",
        "30",
        "“neutral” is often taken for “kind”: 40",
        "2 raters are quick",
    ]
    assert all(reason.mend for reason in verdict.reasons)


def test_the_rules_name_every_threshold_that_decides() -> None:
    rules = " ".join(judge(facts()).rules)
    assert all(text in rules for text in ("10 %", "2 %", "20 %", "20 points", ".80", ".667", ".20"))


@pytest.mark.parametrize(("wrong", "n"), [(50, 100), (5, 10), (1, 10), (0, 3), (1, 1), (45, 95)])
def test_the_gold_that_is_said_to_be_enough_is_more_than_there_is_and_is_enough(wrong: int, n: int) -> None:
    basis = judge(facts(check(wrong, n))).basis
    found = re.search(r"too few to tell: some (\d+) gold items would narrow it to 20 points", basis)
    assert found is not None
    enough = int(found.group(1))
    assert n < enough <= 120
    again = share_of(round(wrong / n * enough), enough)
    assert again.high is not None
    assert again.low is not None
    assert again.high - again.low <= 0.205


def test_alpha_that_could_not_be_measured_is_not_given_as_a_number() -> None:
    basis = judge(facts(alpha=alpha(0.0, None))).basis
    assert basis.startswith("α cannot be measured: too little;")

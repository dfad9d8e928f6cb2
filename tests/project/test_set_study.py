"""Sets of labels: agreement by MASI, gold for whole sets and label by label."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from middlemost.agreement import Alpha
from middlemost.core.answers import Answers, encode
from middlemost.project.set_study import study_sets


def crowd(n: int = 80, raters: int = 4, wrong: float = 0.1, seed: int = 0) -> tuple[Answers, dict[str, str]]:
    """Raters who miss or add one of four labels now and then; "-" is the empty set."""
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 4)) < 0.4
    said = truth[:, None] ^ (rng.random((n, raters, 4)) < wrong)
    names = np.array(list("abcd"))
    rows = [(f"i{i:03d}", f"r{r}", ";".join(names[said[i, r]]) or "-") for i in range(n) for r in range(raters)]
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    return encode(frame), {f"i{i:03d}": ";".join(names[truth[i]]) or "-" for i in range(n)}


def test_agreement_is_alpha_for_sets_with_the_separator_that_was_said() -> None:
    answers, _ = crowd()
    found = study_sets(answers, separator=";", empty="-")
    plain = encode(answers.frame().with_columns(pl.col("answer").replace("-", "")))
    masi, jaccard, same = found.agreements
    assert masi.value == pytest.approx(Alpha("masi", separator=";").measure(plain).value)
    assert jaccard.value == pytest.approx(Alpha("jaccard", separator=";").measure(plain).value)
    assert masi.value < jaccard.value
    assert same.name == "percent-agreement"


def test_a_set_with_one_label_too_few_is_wrong_and_gold_says_which_labels_are_missed() -> None:
    answers, truth = crowd(n=200)
    gold = pl.DataFrame({"item": list(truth), "label": list(truth.values()), "drawn": ["random"] * len(truth)})
    missing = gold.with_columns(pl.col("label").replace("a", "a;z"))
    good, bad = (study_sets(answers, known, separator=";", empty="-").gold_check for known in (gold, missing))
    assert good is not None
    assert bad is not None
    assert bad.wrong.value > good.wrong.value
    (row,) = bad.by_label.filter(label="z").to_dicts()
    assert (row["right"], row["n"]) == (0, sum(label == "a" for label in truth.values()))
    by_label = good.by_label
    for label in "abcd":
        assert by_label.filter(label=label)["n"].item() == sum(label in one.split(";") for one in truth.values())


def test_the_verdict_speaks_of_sets() -> None:
    answers, truth = crowd(wrong=0.02, n=400, raters=7)
    gold = pl.DataFrame({"item": list(truth), "label": list(truth.values()), "drawn": ["random"] * len(truth)})
    verdict = study_sets(answers, gold, separator=";", empty="-").verdict
    assert verdict.answer == "yes"
    assert "of the sets are wrong" in verdict.headline
    assert verdict.rules[0].startswith("A label is a whole set here")
    reason = study_sets(answers, separator=";", empty="-").verdict.reasons[0]
    assert reason.words == "Nobody has measured how many sets are wrong."


def test_raters_are_compared_by_what_their_sets_have_in_common() -> None:
    rows = [("i", "x", "a;b"), ("i", "y", "a"), ("j", "x", "c"), ("j", "y", "c"), ("j", "z", "d")]
    found = study_sets(encode(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")), separator=";")
    overlap = dict(found.raters.select("rater", "accuracy").iter_rows())
    assert overlap == pytest.approx({"x": 0.5, "y": 0.5, "z": 0.0})


def test_disputed_sets_are_shown_with_all_that_was_said() -> None:
    found = study_sets(crowd()[0], separator=";", empty="-")
    sure = [one.confidence for one in found.disputed]
    assert sure == sorted(sure)
    assert all(len(one.votes) > 1 for one in found.disputed)
    assert (found.empty, "-" in found.answers.classes) == ("-", False)

"""Reports on numbers, on sets, with groups, repeats and a model: each a whole page, honest about what it assumed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from middlemost.errors import MiddlemostError, SettingError, StateError
from middlemost.files.numbers import read_numbers
from middlemost.view.report import Report, report
from middlemost.view.terminal import show


def words(html: str) -> str:
    """What a reader reads."""
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def printed(made: Report) -> str:
    """What the terminal shows."""
    screen = io.StringIO()
    show(made.study, Console(file=screen, width=200, color_system=None))
    return screen.getvalue()


def numbers(n: int = 60, raters: int = 4) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    said = rng.normal(0, 10, n)[:, None] + rng.normal(0, 2, raters) + rng.normal(0, 2, (n, raters))
    rows = [(f"i{i}", f"r{r}", f"{said[i, r]:.1f}") for i in range(n) for r in range(raters)]
    return pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")


def sets(n: int = 60, raters: int = 4) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    said = (rng.random((n, 3)) < 0.5)[:, None] ^ (rng.random((n, raters, 3)) < 0.1)
    names = np.array(["a<b>", "b", "c"])
    rows = [(f"i{i}", f"r{r}", "|".join(names[said[i, r]]) or "none") for i in range(n) for r in range(raters)]
    return pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")


def of_numbers(**given: object) -> Report:
    return report(numbers(), **given)  # type: ignore[arg-type]


def of_sets(**given: object) -> Report:
    return report(sets(), kind="sets", empty="none", **given)  # type: ignore[arg-type]


KINDS = pytest.mark.parametrize("made", [of_numbers, of_sets], ids=["numbers", "sets"])


@KINDS
def test_the_page_is_whole_and_plain_data_hold_no_nan(made: Callable[..., Report]) -> None:
    html = made().html()
    assert "url(" not in html
    assert "<script" not in html
    assert "<b>" not in re.sub(r"<b>[\d.,×]+</b>|<b>middlemost</b>", "", html)
    assert not re.search(r"\b(nan|NaN|None|inf)\b", words(html))
    for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        assert not re.findall(r"(?:fill|stroke)=\"(?!var\(|none|transparent|currentColor)[^\"]+\"", svg)
    json.dumps(made().json(), allow_nan=False)


@KINDS
def test_the_same_answers_in_another_order_give_the_same_page(made: Callable[..., Report]) -> None:
    frame = {of_numbers: numbers, of_sets: sets}[made]()
    turned = frame.sample(fraction=1, shuffle=True, seed=3)
    options = {} if made is of_numbers else {"kind": "sets", "empty": "none"}
    assert report(turned, **options).html() == made().html()  # type: ignore[arg-type]


@KINDS
def test_html_in_names_is_shown_as_text(made: Callable[..., Report]) -> None:
    evil = pl.lit("</svg><script>alert(1)</script>")
    frame = {of_numbers: numbers, of_sets: sets}[made]()
    frame = frame.with_columns(item=pl.concat_str("item", evil), rater=pl.concat_str("rater", evil), text=evil)
    made_of = report(frame, kind="numbers") if made is of_numbers else report(frame, kind="sets", empty="none")
    assert "<script" not in made_of.html()


def test_what_was_assumed_stands_under_the_verdict_and_can_be_changed() -> None:
    assumed = "Read as numbers on a scale: all answers are numbers"
    assert assumed in words(of_numbers().html())
    assert assumed in printed(of_numbers())
    assert assumed in of_numbers().json()["read_as"]
    told = report(numbers(), kind="numbers")
    assert assumed not in words(told.html())
    assert told.json()["read_as"] is None
    few = numbers().with_columns(pl.col("answer").cast(pl.Float64).clip(0, 9).round().cast(pl.Int64))
    assert "Points on a scale? --kind numbers" in words(report(few).html())
    labels = report(few, kind="choice")
    assert labels.json()["kind"] == "choice"
    assert "Not judged" not in labels.study.verdict.headline
    assert report(read_numbers(numbers())).json()["kind"] == "numbers"


def test_a_separator_asks_for_sets_and_without_one_they_are_only_suggested() -> None:
    assert report(sets(), separator="|").json()["kind"] == "sets"
    assert "Sets? --kind sets --separator &#39;|&#39;" in report(sets()).html()


def test_numbers_are_held_against_gold_as_numbers() -> None:
    gold = {f"i{n}": "0.5" for n in range(0, 60, 2)} | {"i1": "12"}
    made = of_numbers(gold=gold)
    text = words(made.html())
    assert "31 gold items have answers" in text
    assert "root mean square" in text
    assert "Found, by gold label" not in text
    assert "Mean distance from gold" in printed(made)
    assert made.json()["gold"]["distance"]["mean_absolute"]["n"] == 31


def test_sets_are_held_against_gold_as_sets_and_label_by_label() -> None:
    gold = {f"i{n}": "b|a<b>" if n % 2 else "none" for n in range(60)}
    text = words(of_sets(gold=gold).html())
    assert re.search(r"\d % of the sets are not exactly right \(", text)
    assert "given to others" in text
    assert "(none)" in text


def test_labels_are_written_where_asked_and_over_nothing_but_labels(tmp_path: Path) -> None:
    for made, columns in (
        (of_numbers(), ["item", "estimate", "low", "high", "n_answers"]),
        (of_sets(), ["item", "label", "confidence", "n_answers"]),
        (report(sets()), ["item", "label", "confidence", "n_answers", "share"]),
    ):
        for _ in range(2):
            written = made.write(tmp_path / "report.html", labels=tmp_path / "labels.csv")
        assert written[-1] == tmp_path / "labels.csv"
        frame = pl.read_csv(tmp_path / "labels.csv")
        assert frame.columns == columns
        assert frame.height == 60
    diary = tmp_path / "diary.csv"
    diary.write_text("day,mood\n1,good\n")
    with pytest.raises(StateError, match="holds no labels"):
        of_numbers().write(tmp_path / "new.html", labels=diary)
    assert not (tmp_path / "new.html").exists()
    assert diary.read_text() == "day,mood\n1,good\n"


def test_groups_and_their_own_agreement_are_shown() -> None:
    groups = pl.DataFrame({"rater": ["r0", "r1", "r2", "r3"], "country": ["UK", "UK", "FR", "FR"]})
    for made in (of_numbers(groups=groups), of_sets(groups=groups)):
        assert "By country" in words(made.html())
        assert re.search(r"α by country: FR \.\d\d, UK \.\d\d", printed(made))
        found = made.json()["breakdown"]["by_group"]["country"]
        assert [row["group"] for row in found["groups"]] == ["FR", "UK"]
    in_the_answers = report(numbers().with_columns(group=pl.col("rater").replace({"r0": "x", "r1": "x"})))
    assert "By group" in words(in_the_answers.html())


def test_repeats_show_raters_beside_themselves() -> None:
    once = sets().with_columns(pl.col("answer").str.len_chars().cast(pl.String), round=1)
    frame = pl.concat([once, once.head(80).with_columns(round=2)])
    made = report(frame, kind="choice")
    assert "With themselves" in words(made.html())
    assert "Asked again, a rater gives the same answer in 100 % of cases" in words(made.html())
    assert "With themselves (α)" in printed(made)
    assert made.json()["intra_rater"]["repeats"] == 80
    assert "With themselves" not in words(report(once).html())
    again = numbers().with_columns(round=1)
    assert "How near raters come" in words(report(pl.concat([again, again.with_columns(round=2)])).html())


def test_agreement_has_its_meaning_and_its_known_paradox_beside_it() -> None:
    rng = np.random.default_rng(0)
    rare = np.where(rng.random((200, 3)) < 0.03, "yes", "no")
    rows = [(f"i{i}", f"r{r}", str(rare[i, r])) for i in range(200) for r in range(3)]
    made = report(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))
    text = words(made.html())
    assert "The raters disagree" in text
    assert "of all answers are 'no': chance agreement is then high" in text.replace("&#39;", "'")
    assert "Gwet’s AC1" in text
    assert "chance agreement is then high" in printed(made)


def test_the_details_are_folded_and_one_sentence_says_what_they_hold() -> None:
    rng = np.random.default_rng(1)
    truth = np.arange(150) % 3
    rows = [
        (f"i{i}", f"r{r}", "abc"[truth[i]] if rng.random() < (0.95 if r else 0.1) else "abc"[rng.integers(3)])
        for i in range(150)
        for r in range(5)
    ]
    made = report(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"))
    html = made.html()
    section = html[html.index('id="agreement"') : html.index('id="labels"')]
    assert section.count("<details>") >= 3
    assert "<details open" not in section
    assert "Without r0 α would be" in words(section)
    assert "Of all pairs r0 and" in words(section)
    assert "Without r0 α would be" in printed(made)
    assert "How far each two raters agree" in section


def test_a_model_is_weighed_with_gold_and_refused_without() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 120)
    said = np.where(rng.random((120, 3)) < 0.7, truth[:, None], 1 - truth[:, None])
    rows = [(f"i{i:03d}", f"r{r}", "ny"[said[i, r]]) for i in range(120) for r in range(3)]
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    sure = np.clip(truth + rng.normal(0, 0.3, 120), 0.05, 0.95).round(3)
    model = pl.DataFrame({"item": [f"i{i:03d}" for i in range(120)], "n": (1 - sure).round(3), "y": sure})
    items = [f"i{i:03d}" for i in range(60)]
    gold = pl.DataFrame({"item": items, "label": ["ny"[truth[i]] for i in range(60)], "drawn": ["random"] * 60})
    made, plain = report(frame, gold, model=model), report(frame, gold)
    assert made.json()["gold"]["wrong"]["value"] < plain.json()["gold"]["wrong"]["value"]
    models = [row["model"] for row in made.json()["labels"]["calibration"]["models"]]
    assert "model" in models
    with pytest.raises(SettingError, match="without gold"):
        report(frame, model=model)
    with pytest.raises(MiddlemostError, match="one label each"):
        report(numbers(), gold={"i0": "1"}, model=model)


def test_disputed_items_that_were_asked_again_are_spoken_of() -> None:
    rng = np.random.default_rng(0)
    rows = []
    for i in range(200):
        first = [str(rng.integers(2)) if rng.random() < 0.4 else str(i % 2) for _ in range(2)]
        more = [str(i % 2)] * 3 if first[0] != first[1] else []
        rows += [(f"i{i}", f"r{r}", answer) for r, answer in enumerate([*first, *more])]
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    assert "α over all answers" in words(report(frame).html())
    assert "With a column time it can be measured" in words(report(frame).html())
    timed = words(report(frame.with_row_index("time")).html())
    assert re.search(r"on the first 2 of each α is \.\d+ \(.*?\), on which the verdict rests", timed)

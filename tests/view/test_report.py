"""The report: one self-contained page, honest and readable whatever the data."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from middlemost.errors import StateError
from middlemost.files.gold import read_gold
from middlemost.project.study import Study
from middlemost.view.report import report
from middlemost.view.terminal import show

HTML = "</style></svg><script>alert(1)</script><img src=x onerror=alert(2)>"


class Page(HTMLParser):
    """What a browser would be told to do."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def words(html: str) -> str:
    """What a reader reads."""
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_the_page_loads_nothing_and_runs_nothing(small: pl.DataFrame) -> None:
    html = report(small).html()
    page = Page(html)
    assert not {"script", "link", "iframe", "img", "object"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name in ("src", "srcset") or name.startswith("on")]
    assert [value for name, value in page.attributes if name == "href"] == []
    assert "url(" not in html
    assert "@import" not in html


def test_the_verdict_is_the_first_heading_and_the_title(small: pl.DataFrame) -> None:
    made = report(small)
    html = made.html()
    headline = made.study.verdict.headline
    assert re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL).group(1) == headline  # type: ignore[union-attr]
    assert f"<title>{headline}" in html
    assert html.index("<h1") < html.index("<h2")


def test_every_picture_has_a_description_and_a_table_beside_it(small: pl.DataFrame) -> None:
    html = report(small).html()
    figures = re.findall(r"<figure>.*?</figure>", html, re.DOTALL)
    assert len(figures) >= 2
    for figure in figures:
        assert 'role="img" aria-label="' in figure
        assert "<table" in figure


def test_pictures_take_their_colours_from_the_tokens(small: pl.DataFrame) -> None:
    for svg in re.findall(r"<svg.*?</svg>", report(small).html(), re.DOTALL):
        assert not re.findall(r"(?:fill|stroke)=\"(?!var\(|none|transparent|currentColor)[^\"]+\"", svg)


def test_html_in_items_raters_labels_and_texts_is_shown_as_text() -> None:
    rows = [(f"{HTML}{i}", f"{HTML}{r}", HTML if (i + r) % 3 else "b", HTML) for i in range(40) for r in range(4)]
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer", "text"], orient="row")
    page = Page(report(frame, {rows[0][0]: HTML}).html())
    assert not {"script", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_the_same_answers_in_another_order_give_the_same_page(small: pl.DataFrame) -> None:
    assert report(small).html() == report(small.sample(fraction=1, shuffle=True, seed=3)).html()


@pytest.mark.long
def test_with_many_raters_and_labels_rows_are_left_out_and_the_page_says_how_many(large: pl.DataFrame) -> None:
    made = report(large)
    html, n_raters = made.html(), made.study.answers.n_raters
    text = words(html)
    assert n_raters > 900
    assert len(html) < 400_000
    assert re.search(r"[\d,]+ more raters in between or with fewer answers are left out here", text)
    assert "80 more are summed up in the table" in text
    assert f"All {n_raters:,} raters" in text


def test_without_gold_confidence_is_called_uncalibrated_and_no_share_of_wrong_labels_is_claimed(
    small: pl.DataFrame,
) -> None:
    text = words(report(small).html())
    assert "uncalibrated" in text
    assert "Against gold" not in text
    assert "% of the labels are wrong." not in text


def test_with_gold_the_share_of_wrong_labels_has_its_interval(shared: Path) -> None:
    folder = shared / "data/rte"
    text = words(report(folder / "answers.csv", folder / "truth.csv").html())
    assert "Yes. At most 8.7 % of the labels are wrong." in text
    assert re.search(r"all 800 [67]\.\d % 5\.\d to 8\.7 %", text)


def test_agreement_that_cannot_be_measured_says_why() -> None:
    frame = pl.DataFrame({"item": [f"i{i}" for i in range(40)], "rater": ["r"] * 40, "answer": ["a", "b"] * 20})
    text = words(report(frame).html())
    assert "high by chance if one label is common no item has two answers" in text
    assert ".000" not in text


@pytest.mark.parametrize(
    "rows",
    [
        [("i", "r", "a")],
        [("i", f"r{j}", "ab"[j % 2]) for j in range(9)],
        [(f"i{i}", "r", "ab"[i % 2]) for i in range(9)],
        [(f"i{i}", f"r{j}", "x") for i in range(9) for j in range(3)],
    ],
    ids=["one answer", "one item", "one rater", "one class"],
)
def test_odd_data_make_a_page_and_plain_data_without_a_nan(rows: list[tuple[str, str, str]]) -> None:
    made = report(pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row"), {rows[0][0]: rows[0][2]})
    assert not re.search(r"\b(nan|NaN|None|inf)\b", words(made.html()))
    json.dumps(made.json(), allow_nan=False)


def test_writing_without_gold_puts_items_to_check_beside_the_page_that_can_be_given_back(
    small: pl.DataFrame, tmp_path: Path
) -> None:
    page, check = report(small).write(tmp_path / "report.html")
    assert (page.name, check.name) == ("report.html", "check-these.csv")
    frame = pl.read_csv(check, infer_schema=False)
    assert frame.columns == ["item", "label", "drawn"]
    assert frame.height == 50
    assert set(frame["item"]) <= set(small["item"])
    frame.with_columns(label=pl.lit("c0")).write_csv(check)
    gold = read_gold(check)
    assert (len(gold), gold.drawn) == (50, "random")
    assert report(small, check).study.gold_check is not None


def test_the_expert_sees_the_text_but_nobody_elses_answers(small: pl.DataFrame) -> None:
    frame = small.with_columns(text=pl.format("What of {}?", "item"))
    check = report(frame).check_these()
    assert check.columns == ["item", "text", "label", "drawn"]
    assert check["text"][0] == f"What of {check['item'][0]}?"
    assert check["label"].null_count() == 50


def test_a_check_that_somebody_has_begun_is_never_overwritten(small: pl.DataFrame, tmp_path: Path) -> None:
    check = tmp_path / "check-these.csv"
    report(small).write(tmp_path / "report.html")
    begun = check.read_text().replace(",,random", ",c1,random", 1)
    check.write_text(begun)
    assert report(small).write(tmp_path / "report.html") == (tmp_path / "report.html",)
    assert check.read_text() == begun


def test_with_gold_only_the_page_is_written(small: pl.DataFrame, tmp_path: Path) -> None:
    gold = dict.fromkeys(small["item"].unique().sort().head(20), "c0")
    assert report(small, gold).write(tmp_path / "r.html") == (tmp_path / "r.html",)
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_a_folder_that_is_not_there_is_a_clear_error_and_leaves_nothing(small: pl.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be written: No such file or directory"):
        report(small).write(tmp_path / "nowhere" / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_plain_data_hold_every_figure_for_scripts(small: pl.DataFrame) -> None:
    made = json.loads(json.dumps(report(small).json(), allow_nan=False))
    assert made["verdict"]["answer"] == "unknown"
    assert made["data"]["answers"] == small.height
    assert [row["name"] for row in made["agreement"]] == ["alpha", "fleiss-kappa", "gwet-ac", "percent-agreement"]
    assert len(made["raters"]) == 8
    assert made["gold"] is None
    assert len(made["check_these"]) == 50


def test_the_terminal_shows_the_verdict_first_and_reads_no_name_as_markup(small: pl.DataFrame) -> None:
    frame = small.with_columns(pl.col("answer").replace("c0", "[red]c0"))
    made = report(frame)
    screen = Console(file=io.StringIO(), width=200, color_system=None)
    show(made.study, screen, (Path("report.html"),))
    assert isinstance(screen.file, io.StringIO)
    text = screen.file.getvalue()
    assert text.strip().startswith(made.study.verdict.headline)
    assert "Krippendorff’s α" in text
    assert "wrote report.html" in text
    assert made.study.answers.classes[0] == "[red]c0"


@pytest.mark.parametrize("name", ["answers.csv", "gold.csv", "link.csv", "hard.csv"])
def test_no_page_is_written_over_a_file_that_it_was_made_from(small: pl.DataFrame, tmp_path: Path, name: str) -> None:
    answers, gold = tmp_path / "answers.csv", tmp_path / "gold.csv"
    small.write_csv(answers)
    pl.DataFrame({"item": ["i1"], "label": ["c0"]}).write_csv(gold)
    (tmp_path / "link.csv").symlink_to(answers)
    (tmp_path / "hard.csv").hardlink_to(gold)
    before = (tmp_path / name).read_bytes()
    made = report(str(answers), gold)
    with pytest.raises(StateError, match="was made from this file") as refused:
        made.write(tmp_path / name)
    assert "with -o" in (refused.value.mend or "")
    assert (tmp_path / name).read_bytes() == before


def test_a_file_that_is_not_a_report_is_not_written_over(small: pl.DataFrame, tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.html"
    thesis.write_text("<!doctype html><title>chapter 1</title>")
    with pytest.raises(StateError, match="not a report"):
        report(small).write(thesis)
    assert thesis.read_text() == "<!doctype html><title>chapter 1</title>"
    assert list(tmp_path.iterdir()) == [thesis]


def test_an_earlier_report_and_an_empty_file_are_written_over(small: pl.DataFrame, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.touch()
    report(small).write(page)
    first = page.read_text()
    report(small.head(200)).write(page)
    assert page.read_text() != first


def test_where_nothing_can_be_compared_the_terminal_gives_the_reason_and_no_number() -> None:
    frame = pl.DataFrame({"item": [f"i{i}" for i in range(40)], "rater": ["r"] * 40, "answer": ["a", "b"] * 20})
    assert re.search(r"Percent agreement +no item has two answers", printed(report(frame).study))
    assert ".000" not in printed(report(frame).study)


def test_gold_in_other_words_is_said_first_and_no_share_of_wrong_labels_is_shown(small: pl.DataFrame) -> None:
    gold = dict.fromkeys(small["item"].unique(), "yes")
    made = report(small, gold)
    text = words(made.html())
    assert made.study.verdict.reasons[0].words.startswith("The gold is in other words than the answers: the gold says")
    assert "Against gold" not in text
    assert "Wrong on gold" not in printed(made.study)
    assert made.json()["gold"] is None


def printed(study: Study) -> str:
    """What the terminal shows."""
    screen = io.StringIO()
    show(study, Console(file=screen, width=200, color_system=None))
    return screen.getvalue()

"""The report in a real Chromium: reachable for everybody, on a phone, in the dark, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl
import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser

from middlemost.view.report import Report, report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["labels", "numbers", "sets"])
def page_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = {"labels": of_labels, "numbers": of_numbers, "sets": of_sets}[request.param]()
    return made.write(tmp_path_factory.mktemp("report") / "report.html")[0]


def of_labels() -> Report:
    """Long names, repeats, gold and groups: every part of the page."""
    rows = [(f"item-{i}", f"rater-{r}", "abc"[(i + (i * r) % 5 // 4) % 3]) for i in range(60) for r in range(4)]
    rows += [("x" * 300, "y" * 300, "z" * 300), ("x" * 300, "rater-1", "<b>a</b>")]
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    gold = {f"item-{i}": "abc"[i % 3] for i in range(30)}
    again = frame.head(80).with_columns(round=2)
    frame = pl.concat([frame.with_columns(round=1), again]).with_columns(group=pl.col("rater").str.head(7))
    return report(frame, gold, groups=pl.DataFrame({"rater": ["rater-0", "rater-1"], "country": ["UK", "FR"]}))


def of_numbers() -> Report:
    rows = [(f"item-{i}", f"rater-{r}", f"{(i * 7 + r * i % 11) / 3:.2f}") for i in range(60) for r in range(4)]
    rows += [("x" * 300, "y" * 300, "0.5"), ("x" * 300, "rater-1", "99999.25")]
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    return report(frame, {f"item-{i}": f"{i * 7 / 3:.2f}" for i in range(30)})


def of_sets() -> Report:
    rows = [
        (f"item-{i}", f"rater-{r}", "|".join("abc"[k] for k in range(3) if (i >> k) + (i * r % 7 == k) & 1) or "none")
        for i in range(60)
        for r in range(4)
    ]
    rows += [("x" * 300, "y" * 300, "z" * 300), ("x" * 300, "rater-1", "<b>a</b>|b")]
    frame = pl.DataFrame(rows, schema=["item", "rater", "answer"], orient="row")
    return report(frame, {f"item-{i}": "a|b" for i in range(30)}, kind="sets", empty="none")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_has_no_barrier_that_axe_can_find(
    browser: Browser, page_file: Path, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert [found["id"] for found in Axe().run(page)["violations"]] == []
    page.close()


def test_a_phone_needs_no_scrolling_sideways(browser: Browser, page_file: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 700})
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_the_report_asks_the_network_for_nothing_and_prints_its_tables(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    assert asked == [page_file.as_uri()]
    table = page.locator("details.same table").first
    assert not table.is_visible()
    page.emulate_media(media="print")
    assert table.is_visible()
    page.close()

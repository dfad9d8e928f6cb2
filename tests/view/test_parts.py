"""The parts that the report and the desk share."""

from __future__ import annotations

import re

import pytest
from jinja2 import UndefinedError

from middlemost.core.estimate import Estimate
from middlemost.view.pages import environment, percent, stylesheet

HTML = "<script>alert('x')</script>"


def part(call: str, **values: object) -> str:
    template = environment().from_string('{% import "parts.html.j2" as parts %}{{ parts.' + call + " }}")
    return template.render(**values)


def rater(name: str = "r-001", **changes: object) -> dict[str, object]:
    return {"rater": name, "n_answers": 1200, "accuracy": 0.9, "low": 0.8, "high": 0.95, **changes}


def test_an_estimate_shows_its_interval_or_the_reason_for_none() -> None:
    assert "<b>.910</b> <small>(.880 to .940)</small>" in part("estimate(e)", e=Estimate(0.91, 0.88, 0.94))
    assert "(no interval: one item)" in part("estimate(e)", e=Estimate(0.91, note="one item"))


def test_a_rater_is_a_row_with_dot_and_interval_on_a_line_from_0_to_1() -> None:
    shown = part("rater_table(rows)", rows=[rater()])
    assert '<td class="n">1,200</td>' in shown
    assert ".800 to .950" in shown
    assert 'd="M192.0 6H228.0"' in shown
    assert 'cx="216.0"' in shown


def test_a_rater_who_cannot_be_judged_has_no_figures_and_no_picture() -> None:
    shown = part("rater_table(rows)", rows=[rater(accuracy=None, low=None, high=None)])
    assert "–" in shown
    assert "none" in shown
    assert "<svg" not in shown


def test_a_rater_whose_interval_reaches_down_to_chance_is_marked() -> None:
    assert 'class="dots low"' in part("rater_table(rows, chance=0.8)", rows=[rater()])
    assert 'class="dots"' in part("rater_table(rows, chance=0.5)", rows=[rater()])
    assert 'class="dots low"' in part("rater_table(rows)", rows=[rater(chance=0.85)])


def test_seconds_are_shown_where_they_are_known() -> None:
    assert "seconds an answer" not in part("rater_table(rows)", rows=[rater()])
    shown = part("rater_table(rows)", rows=[rater(seconds=9.14), rater("b", seconds=None)])
    assert ">9.1<" in shown
    assert ">–<" in shown


def test_names_become_links_that_hold_whatever_is_in_them() -> None:
    assert 'href="/desk/raters/a%2Fb%20%3F"' in part("rater_table(rows, '/desk/raters/')", rows=[rater("a/b ?")])


def test_disputed_items_show_votes_label_and_text_if_any() -> None:
    row = {"item": "i1", "text": None, "votes": {"kind": 3, "rude": 2}, "confidence": 0.52, "label": "kind"}
    shown = part("disputed_table(rows)", rows=[row])
    assert "<b>3×</b> <bdi>kind</bdi>" in shown
    assert ">.52<" in shown
    assert ">text<" not in shown
    assert 'dir="auto">Hm?</td>' in part("disputed_table(rows, '/i/')", rows=[{**row, "text": "Hm?"}])


def test_html_in_names_labels_and_texts_is_shown_never_obeyed() -> None:
    row = {"item": HTML, "text": HTML, "votes": {HTML: 1}, "confidence": 0.5, "label": HTML}
    for shown in (
        part("rater_table(rows, '/r/')", rows=[rater(HTML)]),
        part("disputed_table(rows, '/i/')", rows=[row]),
        part("data_table([h], [[h]], h)", h=HTML),
        part("heat_table([h], [[1.0]], h)", h=HTML),
        part("figure(h, h, h)", h=HTML),
        part("estimate(e)", e=Estimate(0.5, note=HTML)),
    ):
        assert "<script" not in shown
        assert "alert" in shown


def test_no_part_needs_an_inline_style_or_a_script() -> None:
    shown = (
        part("rater_table(rows, chance=0.5)", rows=[rater()])
        + part("bar(0.3)")
        + part("heat_table(['a'], [[1.0]], 'c')")
    )
    assert not re.search(r"\sstyle=|<script|\son\w+=", shown)


def test_a_misspelt_name_in_a_template_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nothing }}").render()


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0 %"), (1, "100 %"), (0.5, "50.0 %"), (0.00001, "under 0.1 %"), (0.99999, "over 99.9 %")],
)
def test_a_share_is_never_rounded_to_a_certainty(share: float, words: str) -> None:
    assert percent(share) == words


def test_every_colour_that_the_styles_use_is_a_token_with_a_dark_and_a_print_value() -> None:
    style = stylesheet()
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(blocks) == 3
    light, dark, paper = (set(re.findall(r"(--[\w-]+): #", block)) for block in blocks)
    assert light == dark == paper
    used = set(re.findall(r"var\((--[\w-]+)\)", style))
    assert used <= set(re.findall(r"(--[\w-]+):", style))


def test_a_confidence_below_one_is_never_shown_as_one() -> None:
    row = {"item": "i1", "text": None, "votes": {"kind": 3, "rude": 2}, "label": "kind"}
    assert ">over .99<" in part("disputed_table(rows)", rows=[{**row, "confidence": 0.9999}])
    assert ">1.00<" in part("disputed_table(rows)", rows=[{**row, "confidence": 1.0}])

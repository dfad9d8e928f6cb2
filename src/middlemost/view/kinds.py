"""Which page, plain data and figures belong to which kind of answers: one row a kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from middlemost.project.found import Found
from middlemost.project.number_study import NumberStudy
from middlemost.project.set_study import SetStudy
from middlemost.project.study import Study
from middlemost.view import number_page, report_json, report_page, set_page, words


@dataclass(frozen=True)
class Shown:
    """How one kind is shown: its template, what that asks for, its plain data, its line of facts, its labels."""

    template: str
    page: Callable[[Any], dict[str, Any]]
    json: Callable[[Any], dict[str, Any]]
    facts: Callable[[Any], str]
    labels: Callable[[Any], pl.DataFrame]


_SHOWN: dict[type[Found], Shown] = {
    Study: Shown(
        "labels.html.j2",
        report_page.page,
        report_json.of_labels,
        lambda study: words.facts_line(study.answers),
        lambda study: study.consensus.labels,
    ),
    NumberStudy: Shown(
        "numbers.html.j2",
        number_page.page,
        report_json.of_numbers,
        number_page.facts,
        lambda study: study.consensus.estimates,
    ),
    SetStudy: Shown("sets.html.j2", set_page.page, report_json.of_sets, set_page.facts, set_page.label_frame),
}


def shown(study: Found) -> Shown:
    """How this study is shown."""
    return _SHOWN[type(study)]

"""`middlemost report`: thirty seconds to the truth about a file of answers, as one self-contained page."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from middlemost.core.answers import Answers, Repeats
from middlemost.core.gold import Gold
from middlemost.errors import Place, StateError
from middlemost.files.answers import Missing, answers_of
from middlemost.files.columns import find_columns
from middlemost.files.gold import read_gold
from middlemost.files.table import Table, read_table
from middlemost.project.study import Study, study
from middlemost.view.pages import environment, stylesheet
from middlemost.view.report_json import as_json
from middlemost.view.report_page import page

CHECK = "check-these.csv"


@dataclass(frozen=True, eq=False)
class Report:
    """A study ready to be read: as a page, as plain data, or written beside the items for an expert to check."""

    study: Study
    texts: Mapping[str, str]

    def html(self) -> str:
        """The page: self-contained, nothing is loaded, no script is needed."""
        style = Markup(stylesheet() + files("middlemost.view").joinpath("report.css").read_text("utf-8"))  # noqa: S704
        template = environment().get_template("report.html.j2")
        return template.render(study=self.study, page={**page(self.study), "style": style})

    def json(self) -> dict[str, Any]:
        """The findings as plain data, for scripts."""
        return as_json(self.study)

    def check_these(self) -> pl.DataFrame:
        """The items drawn at random for an expert: item [, text], an empty label, and how they were drawn."""
        items = self.study.sample.alias("item")
        frame = pl.DataFrame([items])
        if self.texts:
            frame = frame.with_columns(text=pl.Series([self.texts.get(item, "") for item in items], dtype=pl.String))
        return frame.with_columns(label=pl.lit(None, dtype=pl.String), drawn=pl.lit("random"))

    def write(self, path: str | Path) -> tuple[Path, ...]:
        """Write the page, and without gold check-these.csv beside it; returns what was written.

        A check-these.csv in which somebody has already filled in labels is left alone. StateError where the folder is
        missing or may not be written to.
        """
        path = Path(path)
        written = [_write(path, self.html())]
        check = path.with_name(CHECK)
        if self.study.gold is None and not _begun(check):
            written.append(_write(check, self.check_these().write_csv()))
        return tuple(written)


def report(
    source: object,
    gold: object = None,
    *,
    repeats: Repeats | None = None,
    question: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Missing = "error",
    seed: int = 0,
) -> Report:
    """A report on answers: a path, a frame, or `Answers` (then the reading options do not apply).

    `gold` is what `read_gold` takes: a path, frame or mapping item -> label. A column `text` is shown with the items.

    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabb"), "rater": list("xyxy"), "answer": ["1", "1", "2", "1"]})
    >>> report(frame).study.verdict.headline
    'Too little to say: 2 items.'
    """
    known = None if gold is None else read_gold(gold)
    if isinstance(source, Answers):
        return _report(source, known, None, {}, seed)
    table = read_table(source)
    answers = answers_of(table, repeats=repeats, question=question, columns=columns, missing=missing)
    name = Path(table.name).name if table.lines or isinstance(source, (str, Path)) else None
    return _report(answers, known, name, _texts(table, columns), seed)


def _report(answers: Answers, gold: Gold | None, name: str | None, texts: Mapping[str, str], seed: int) -> Report:
    return Report(study(answers, gold, source=name, texts=texts, seed=seed), texts)


def _texts(table: Table, columns: Mapping[str, str] | None) -> dict[str, str]:
    """Item -> text, where the table has a column `text` beside the ids."""
    item = find_columns(table, ("item",), given={"item": columns["item"]} if columns and "item" in columns else None)[
        "item"
    ]
    if "text" not in table.frame.columns or item == "text":
        return {}
    rows = table.frame.select(item, "text").drop_nulls().unique(item, keep="first")
    return dict(rows.iter_rows())


def _begun(path: Path) -> bool:
    """Whether somebody has filled in a label, so that the file is theirs."""
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except FileNotFoundError:
        return False
    except (pl.exceptions.PolarsError, OSError):
        return True
    return "label" not in frame.columns or frame["label"].drop_nulls().len() > 0


def _write(path: Path, text: str) -> Path:
    """Write all or nothing: a report half written would be read as a whole one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        message = f"The file cannot be written: {error.strerror}."
        raise StateError(message, place=Place(str(path)), mend="Choose another place with -o.") from error
    return path

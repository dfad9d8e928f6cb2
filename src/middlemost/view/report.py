"""`middlemost report`: thirty seconds to the truth about a file of answers, as one self-contained page."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from middlemost.core.answers import Answers, Repeats
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
MARK = '<meta name="generator" content="middlemost report">'  # in the template: by which a page is known as ours
HEAD = 1_000  # characters


@dataclass(frozen=True, eq=False)
class Report:
    """A study ready to be read: as a page, as plain data, or written beside the items for an expert to check.

    `sources` are the files that it was made from, which it never writes to.
    """

    study: Study
    texts: Mapping[str, str]
    sources: tuple[Path, ...] = ()

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

        Only an earlier report is written over: StateError where `path` is a file that this report was made from, or any
        other file that is not a report, and where the folder is missing or may not be written to. A check-these.csv in
        which somebody has already filled in labels is left alone.
        """
        path = Path(path)
        _require_free(path, self.sources)
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
        return Report(study(source, known, seed=seed), {}, _paths(gold))
    table = read_table(source)
    answers = answers_of(table, repeats=repeats, question=question, columns=columns, missing=missing)
    name = Path(table.name).name if table.lines or isinstance(source, (str, Path)) else None
    texts = _texts(table, columns)
    return Report(study(answers, known, source=name, texts=texts, seed=seed), texts, _paths(source, gold))


def _paths(*sources: object) -> tuple[Path, ...]:
    return tuple(Path(source) for source in sources if isinstance(source, (str, Path)))


def _texts(table: Table, columns: Mapping[str, str] | None) -> dict[str, str]:
    """Item -> text, where the table has a column `text` beside the ids."""
    item = find_columns(table, ("item",), given={"item": columns["item"]} if columns and "item" in columns else None)[
        "item"
    ]
    if "text" not in table.frame.columns or item == "text":
        return {}
    rows = table.frame.select(item, "text").drop_nulls().unique(item, keep="first")
    return dict(rows.iter_rows())


def _require_free(path: Path, sources: Sequence[Path]) -> None:
    """Nothing of the user's is written over: neither what was read (by whatever name) nor any file but a report."""
    place, mend = Place(str(path)), "Give the page a name of its own with -o, such as report.html."
    if path.exists() and any(source.exists() and path.samefile(source) for source in sources):
        raise StateError("The report was made from this file and is not written over it.", place=place, mend=mend)
    if path.is_file() and not _ours(path):
        raise StateError("There is a file here that is not a report; it is left as it is.", place=place, mend=mend)


def _ours(path: Path) -> bool:
    """Whether a file is a report, or empty."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            head = file.read(HEAD)
    except OSError:
        return False
    return not head or MARK in head


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

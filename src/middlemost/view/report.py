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
from middlemost.core.gold import Gold
from middlemost.errors import Place, SettingError, StateError
from middlemost.files.answers import Missing, answers_of
from middlemost.files.columns import find_columns
from middlemost.files.gold import read_gold
from middlemost.files.groups import Groups, groups_in, read_groups
from middlemost.files.kinds import Kind, different, taken_as
from middlemost.files.numbers import numbers_of
from middlemost.files.order import by_time
from middlemost.files.probabilities import read_probabilities
from middlemost.files.sets import sets_of
from middlemost.files.table import Table, read_table
from middlemost.project.found import Found, Given
from middlemost.project.number_study import study_numbers
from middlemost.project.set_study import study_sets
from middlemost.project.study import study
from middlemost.view.kinds import shown
from middlemost.view.pages import environment, stylesheet

CHECK = "check-these.csv"
MARK = '<meta name="generator" content="middlemost report">'  # in the template: by which a page is known as ours
LABEL_HEADS = ("item,label,confidence,n_answers", "item,estimate,low,high,n_answers")
HEAD = 1_000  # characters


@dataclass(frozen=True, eq=False)
class Report:
    """A study ready to be read: as a page, as plain data, or written beside the items for an expert to check.

    `sources` are the files that it was made from, which it never writes to.
    """

    study: Found
    sources: tuple[Path, ...] = ()

    def html(self) -> str:
        """The page: self-contained, nothing is loaded, no script is needed."""
        how = shown(self.study)
        style = Markup(stylesheet() + files("middlemost.view").joinpath("report.css").read_text("utf-8"))  # noqa: S704
        template = environment().get_template(how.template)
        return template.render(study=self.study, page={**how.page(self.study), "style": style})

    def json(self) -> dict[str, Any]:
        """The findings as plain data, for scripts."""
        return shown(self.study).json(self.study)

    def labels(self) -> pl.DataFrame:
        """What is concluded, one row an item: item, label, confidence; of numbers item, estimate, low, high."""
        return shown(self.study).labels(self.study)

    def check_these(self) -> pl.DataFrame:
        """The items drawn at random for an expert: item [, text], an empty label, and how they were drawn."""
        items, texts = self.study.sample.alias("item"), self.study.given.texts
        frame = pl.DataFrame([items])
        if texts:
            frame = frame.with_columns(text=pl.Series([texts.get(item, "") for item in items], dtype=pl.String))
        return frame.with_columns(label=pl.lit(None, dtype=pl.String), drawn=pl.lit("random"))

    def write(self, path: str | Path, *, labels: str | Path | None = None) -> tuple[Path, ...]:
        """Write the page, without gold check-these.csv beside it, and the `labels` if asked; returns what was written.

        Only an earlier report is written over, and only labels over labels: StateError where `path` is a file that this
        report was made from, or any other file that is not a report, and where the folder is missing or may not be
        written to. A check-these.csv in which somebody has already filled in labels is left alone.
        """
        path = Path(path)
        require_free(path, *self.sources)
        frame = self.labels()
        if labels is not None:
            require_free_for_labels(Path(labels), *self.sources)
        written = [_write(path, self.html())]
        check = path.with_name(CHECK)
        if self.study.gold is None and not _begun(check):
            written.append(_write(check, self.check_these().write_csv()))
        if labels is not None:
            written.append(_write(Path(labels), frame.write_csv()))
        return tuple(written)


def report(
    source: object,
    gold: object = None,
    *,
    kind: Kind | None = None,
    separator: str | None = None,
    empty: str | None = None,
    groups: object = None,
    model: object = None,
    repeats: Repeats | None = None,
    question: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Missing = "error",
    seed: int = 0,
) -> Report:
    """A report on answers: a path, a frame, or `Answers` (then the reading options do not apply).

    `gold` is what `read_gold` takes: a path, frame or mapping item -> label. A column `text` is shown with the items.
    `kind` says what the answers are: a "choice" of one label, "numbers" on a scale, or "sets" of labels between
    `separator`s ("|"), of which the word `empty` is the one without any. If it is not given, more than twelve different
    answers that are all numbers are numbers, anything else is labels, and the page says what was assumed. `groups` (a
    path or frame: rater or item, and columns of groups) shows agreement within each group. `model` (what
    `read_probabilities` takes) is weighed beside the raters of a choice, as far as gold says that it adds something.

    >>> import polars as pl
    >>> frame = pl.DataFrame({"item": list("aabb"), "rater": list("xyxy"), "answer": ["1", "1", "2", "1"]})
    >>> report(frame).study.verdict.headline
    'Too little to say: 2 items.'
    """
    known = None if gold is None else read_gold(gold)
    grouped = None if groups is None else read_groups(groups)
    beside = None if model is None else read_probabilities(model)
    asked = "sets" if kind is None and separator is not None else kind
    spelling = Spelling(separator or "|", empty)
    if isinstance(source, Answers):
        taken = taken_as(source.classes, asked)
        given = Given(groups=grouped or Groups(), model=beside, read_as=taken.words, seed=seed)
        return Report(_study(source, known, given, taken.kind, asked, spelling), _paths(gold, groups, model))
    table, in_order = by_time(read_table(source), columns)
    taken = taken_as(different(table, columns, question), asked)
    options: Any = {"repeats": repeats, "question": question, "columns": columns, "missing": missing}
    answers = _answers(table, taken.kind, spelling, options)
    given = Given(
        source=Path(table.name).name if table.lines or isinstance(source, (str, Path)) else None,
        texts=_texts(table, columns),
        groups=grouped or groups_in(table, columns),
        model=beside,
        in_order=in_order,
        read_as=taken.words,
        seed=seed,
    )
    return Report(_study(answers, known, given, taken.kind, asked, spelling), _paths(source, gold, groups, model))


@dataclass(frozen=True)
class Spelling:
    """How a set is written: what stands between labels, and the word for none."""

    separator: str
    empty: str | None


def _answers(table: Table, kind: Kind, spelling: Spelling, options: Any) -> Answers:
    if kind == "numbers":
        return numbers_of(table, **options)
    if kind == "sets":
        return sets_of(table, spelling.separator, empty=spelling.empty, **options)
    return answers_of(table, **options)


def _study(
    answers: Answers, gold: Gold | None, given: Given, kind: Kind, asked: Kind | None, spelling: Spelling
) -> Found:
    if kind != "choice" and given.model is not None:
        raise SettingError("A model's probabilities go with answers of one label each.", mend="Leave the model out.")
    if kind == "numbers":
        return study_numbers(answers, gold, given)
    if kind == "sets":
        return study_sets(answers, gold, given, separator=spelling.separator, empty=spelling.empty)
    return study(answers, gold, given, certain=asked == "choice")


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


def require_free(path: Path, *sources: Path) -> None:
    """Nothing of the user's is written over: neither what was read (by whatever name) nor any file but a report."""
    _require_not_read(path, sources)
    if path.is_file() and not _begins(path, MARK):
        place, mend = Place(str(path)), "Give the page a name of its own with -o, such as report.html."
        raise StateError("There is a file here that is not a report; it is left as it is.", place=place, mend=mend)


def require_free_for_labels(path: Path, *sources: Path) -> None:
    """The same for the file of labels, which earlier labels alone make room for."""
    _require_not_read(path, sources)
    if path.is_file() and not any(_begins(path, head) for head in LABEL_HEADS):
        place, mend = Place(str(path)), "Give them a name of their own, such as labels.csv."
        raise StateError("There is a file here that holds no labels; it is left as it is.", place=place, mend=mend)


def _require_not_read(path: Path, sources: Sequence[Path]) -> None:
    if path.exists() and any(source.exists() and path.samefile(source) for source in sources):
        place, mend = Place(str(path)), "Give it a name of its own, the page with -o."
        raise StateError("The report was made from this file and is not written over it.", place=place, mend=mend)


def _begins(path: Path, mark: str) -> bool:
    """Whether a file has the mark in its first lines, or is empty."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            head = file.read(HEAD)
    except OSError:
        return False
    return not head or mark in head


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

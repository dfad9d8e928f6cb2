"""The report in a terminal: the verdict, what is in the way, the three or four figures that matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from middlemost.core.estimate import Estimate, decimal
from middlemost.project.coefficients import figure
from middlemost.project.found import Found
from middlemost.project.number_study import NumberStudy
from middlemost.project.number_verdict import ranged
from middlemost.project.set_study import SetStudy
from middlemost.project.study import Study
from middlemost.view.agreement import behind_words, cautions, titles
from middlemost.view.kinds import shown
from middlemost.view.pages import percent

_MOST_REASONS = 5


def show(study: Found, console: Console, written: Sequence[Path] = ()) -> None:
    """Print a summary of `study`, and where the files in `written` lie. Names are never read as markup."""
    console.print()
    console.print(Text(study.verdict.headline, style="bold"))
    console.print(Text(study.verdict.basis))
    for line in (shown(study).facts(study), study.given.read_as):
        if line:
            console.print(Text(line, style="dim"))
    _show_reasons(study, console)
    console.print()
    console.print(_figures(study))
    for line in _agreement(study):
        console.print(Text(line))
    for notice in (*study.notices, *study.caveats):
        console.print(Text(notice, style="dim"))
    for path in written:
        console.print(Text.assemble(("wrote ", "dim"), str(path)))


def _show_reasons(study: Found, console: Console) -> None:
    for number, reason in enumerate(study.verdict.reasons[:_MOST_REASONS], 1):
        console.print()
        console.print(Text(f"{number}. {reason.words}"))
        console.print(Text(f"   {reason.mend}", style="dim"))
    left = len(study.verdict.reasons) - _MOST_REASONS
    if left > 0:
        console.print(Text(f"\n{left} more in the report.", style="dim"))


def _figures(study: Found) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for title, agreement in zip(titles(study), study.agreements, strict=True):
        table.add_row(Text(title), Text(figure(agreement.estimate)))
    if study.agreeing.intra and study.agreeing.intra.n_repeats:
        table.add_row(Text("With themselves (α)"), Text(figure(study.agreeing.intra.alpha.estimate)))
    for title, value in _against_gold(study):
        table.add_row(Text(title), Text(value))
    return table


def _against_gold(study: Found) -> Iterator[tuple[str, str]]:
    if isinstance(study, NumberStudy) and study.gold_check:
        yield "Mean distance from gold", ranged(study.gold_check.distance.mean_absolute, study.gold_check.places)
        yield "Root mean square", ranged(study.gold_check.distance.root_mean_square, study.gold_check.places)
    if isinstance(study, (Study, SetStudy)) and study.gold_check:
        yield "Wrong on gold", _wrong(study.gold_check.wrong)


def _wrong(wrong: Estimate) -> str:
    return f"{percent(wrong.value)} ({percent(wrong.low or 0)} to {percent(wrong.high or 0)})"


def _agreement(study: Found) -> list[str]:
    """What lies behind the first coefficient, and what to know of it."""
    behind, first = study.agreeing.breakdown, study.agreements[0]
    lost = behind_words(behind, first)
    groups = [_by_group(grouping.name, frame) for grouping, frame in behind.groups]
    return [*([lost] if lost else []), *cautions(behind, first), *groups]


def _by_group(name: str, frame: pl.DataFrame) -> str:
    known = frame.filter(pl.col("low").is_not_null()).select("group", "value")
    return f"α by {name}: {', '.join(f'{group} {decimal(value, 2)}' for group, value in known.iter_rows())}."

"""The report in a terminal: the verdict, what is in the way, the three or four figures that matter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from middlemost.agreement.names import TITLES
from middlemost.project.coefficients import figure
from middlemost.project.study import Study
from middlemost.view import words
from middlemost.view.pages import percent

_MOST_REASONS = 5


def show(study: Study, console: Console, written: Sequence[Path] = ()) -> None:
    """Print a summary of `study`, and where the files in `written` lie. Names are never read as markup."""
    console.print()
    console.print(Text(study.verdict.headline, style="bold"))
    console.print(Text(study.verdict.basis))
    console.print(Text(words.facts_line(study.answers), style="dim"))
    _show_reasons(study, console)
    console.print()
    console.print(_figures(study))
    for notice in (*study.notices, *study.caveats):
        console.print(Text(notice, style="dim"))
    for path in written:
        console.print(Text.assemble(("wrote ", "dim"), str(path)))


def _show_reasons(study: Study, console: Console) -> None:
    for number, reason in enumerate(study.verdict.reasons[:_MOST_REASONS], 1):
        console.print()
        console.print(Text(f"{number}. {reason.words}"))
        console.print(Text(f"   {reason.mend}", style="dim"))
    left = len(study.verdict.reasons) - _MOST_REASONS
    if left > 0:
        console.print(Text(f"\n{left} more in the report.", style="dim"))


def _figures(study: Study) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for agreement in study.agreements:
        table.add_row(Text(TITLES[agreement.name]), Text(figure(agreement.estimate)))
    if study.gold_check:
        wrong = study.gold_check.wrong
        shown = f"{percent(wrong.value)} ({percent(wrong.low or 0)} to {percent(wrong.high or 0)})"
        table.add_row(Text("Wrong on gold"), Text(shown))
    return table

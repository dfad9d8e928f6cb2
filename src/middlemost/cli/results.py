"""Commands that tell what came of a project."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from middlemost.cli.shared import AsJson, Asked, Folder, app, aside, emit, opened, screen

if TYPE_CHECKING:
    from middlemost.project.cost import Cost


@app.command()
def measure(folder: Folder, question: Asked = None, as_json: AsJson = False) -> None:
    """Measure how far raters agree; with --json also the share of wrong labels and the cost, where these are known."""
    from middlemost.project.conclude import share_wrong
    from middlemost.project.cost import cost
    from middlemost.project.measure import measure as measure_project

    with opened(folder) as project:
        agreements, paid = measure_project(project, question), cost(project) if as_json else None
        wrong = share_wrong(project, question) if as_json else None
    if as_json:
        figures = [asdict(agreement) for agreement in agreements]
        figures += [{"name": "wrong-labels"} | asdict(wrong)] if wrong else []
        emit(figures + ([_as_figure(paid)] if paid else []))
        return
    if not agreements:
        aside.print("There are no answers yet whose agreement could be measured.")
    for agreement in agreements:
        note = f"  {agreement.note}" if agreement.note else ""
        screen.print(f"{agreement.name:<20}{agreement.estimate}{note}", markup=False, highlight=False)


def _as_figure(paid: Cost) -> dict[str, object]:
    """The cost as a figure like the others: what is still to come is its value."""
    said = asdict(paid)
    return {"name": "cost", "value": said.pop("left")} | said


@app.command()
def conclude(folder: Folder, question: Asked = None, as_json: AsJson = False) -> None:
    """Conclude the labels of a project: one row an item, the lead's decisions applied."""
    from middlemost.project.conclude import labels

    with opened(folder) as project:
        table = labels(project, question)
    if as_json:
        emit(table.to_dicts())
    else:
        sys.stdout.write(table.write_csv())


@app.command()
def pay(
    folder: Folder,
    since: Annotated[datetime | None, typer.Option(help="From this day on (UTC): 2026-11-01.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Up to before this day (UTC); all if absent.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what each rater has done and earned, as CSV: items, hours of active work, amount."""
    from middlemost.files.spreadsheet import lines
    from middlemost.project.pay import pay as pay_of

    with opened(folder) as project:
        earned = pay_of(project, _seconds(since) or 0.0, _seconds(until))
    rows = [asdict(one) for one in earned]
    if as_json:
        emit(rows)
        return
    columns = ("rater", "name", "items", "hours", "untimed", "amount", "currency")
    sys.stdout.writelines(lines(columns, ([row[name] for name in columns] for row in rows)))


def _seconds(day: datetime | None) -> float | None:
    return None if day is None else day.replace(tzinfo=UTC).timestamp()


@app.command()
def release(
    folder: Folder,
    output: Annotated[Path, typer.Argument(help="The folder to write; it must not hold anything else.")],
    as_json: AsJson = False,
) -> None:
    """Write the data set with its datasheet and hashes: the same project gives the same bytes."""
    from middlemost.files.release import MANIFEST
    from middlemost.project.release import release as release_project

    there = (output / MANIFEST).exists()
    with opened(folder) as project, aside.status("releasing"):
        written = release_project(project, output)
    files = sorted(path.name for path in written.iterdir())
    if as_json:
        emit({"folder": str(written), "files": files})
    else:
        said = "already there" if there else "written"
        screen.print(f"{said}: {written} ({', '.join(files)})", markup=False, highlight=False, soft_wrap=True)

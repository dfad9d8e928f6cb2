"""Commands that bring in what was answered elsewhere, and take it there."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from middlemost.cli.shared import AsJson, Folder, app, aside, database_url, emit, opened, progress, screen

imports = typer.Typer(help="Move a project of another tool here, with its items, questions, raters and answers.")
app.add_typer(imports, name="import")


@imports.callback()
def import_() -> None:
    """Move a project of another tool here, with its items, questions, raters and answers."""


@imports.command("label-studio")
def label_studio(
    export: Annotated[Path, typer.Argument(help="The project's JSON export (not JSON-MIN).")],
    folder: Folder,
    config: Annotated[
        Path | None, typer.Option(help="Its labelling configuration (XML): what is shown, options nobody chose.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The project's name; the file's if absent.")] = None,
    descriptive: Annotated[
        bool, typer.Option("--descriptive", help="Opinions differ: their distribution is the result.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a project of a Label Studio project: tasks, questions, annotators, annotations and ground truth."""
    from middlemost.files.label_studio_project import read_project
    from middlemost.project.moving import move_in

    with aside.status("moving"):
        theirs = read_project(export, config, name=name, descriptive=descriptive)
        moved = move_in(folder, theirs, database=database_url())
    if as_json:
        emit(asdict(moved) | {"folder": str(moved.folder)})
        return
    screen.print(
        f"{moved.items:,} items, {len(moved.questions)} questions, {moved.raters:,} raters, {moved.answers:,} answers, "
        f"{moved.skipped:,} skips, {moved.gold:,} gold labels.",
        highlight=False,
    )
    for one in moved.left:
        aside.print(f"left out: {one}", markup=False, highlight=False)
    if moved.raters:
        aside.print(f"Raters sign in by a link: middlemost invite {folder} --again r-001", markup=False)
    screen.print(f"Look at {folder}/protocol.yaml, then: middlemost serve {folder}", markup=False, highlight=False)


@app.command()
def export(
    folder: Folder,
    to: Annotated[str, typer.Option(help="csv, jsonl, parquet, label-studio, doccano or argilla.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the items with all answers that count, in the format of another tool; pseudonyms only."""
    from middlemost.project.export import export as export_project

    with opened(folder) as project, progress("writing") as tell:
        done = export_project(project, to, out, force=force, tell=tell)
    if as_json:
        emit(asdict(done) | {"files": [str(one) for one in done.files]})
        return
    for one in done.left:
        aside.print(f"left out: {one}", markup=False, highlight=False)
    for file in done.files:
        screen.print(f"written: {file}", markup=False, highlight=False, soft_wrap=True)
    screen.print(f"{done.items:,} items, {done.pages:,} pages of answers.", highlight=False)

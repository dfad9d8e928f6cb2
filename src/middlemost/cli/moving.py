"""Commands that bring in what was answered elsewhere, and take it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from middlemost.cli.shared import AsJson, Folder, app, aside, database_url, emit, opened, progress, screen

if TYPE_CHECKING:
    from middlemost.files.incoming import Incoming

imports = typer.Typer(help="Move a project of another tool here, with its items, questions, raters and answers.")
app.add_typer(imports, name="import")


@imports.callback()
def import_() -> None:
    """Move a project of another tool here, with its items, questions, raters and answers."""


Name = Annotated[str | None, typer.Option(help="The project's name; the file's if absent.")]
Descriptive = Annotated[bool, typer.Option("--descriptive", help="Opinions differ: their distribution is the result.")]


@imports.command("label-studio")
def label_studio(
    export: Annotated[Path, typer.Argument(help="The project's JSON export (not JSON-MIN).")],
    folder: Folder,
    config: Annotated[
        Path | None, typer.Option(help="Its labelling configuration (XML): what is shown, options nobody chose.")
    ] = None,
    name: Name = None,
    descriptive: Descriptive = False,
    as_json: AsJson = False,
) -> None:
    """Make a project of a Label Studio project: tasks, questions, annotators, annotations and ground truth."""
    from middlemost.files.label_studio_project import read_project

    _move(folder, lambda: read_project(export, config, name=name, descriptive=descriptive), as_json=as_json)


@imports.command()
def doccano(
    exports: Annotated[list[Path], typer.Argument(help="JSONL exports, one for each annotator, or the zip file.")],
    folder: Folder,
    question: Annotated[
        str | None,
        typer.Option(help="What labels are: choice, multichoice, spans or text; told from them if absent."),
    ] = None,
    approved: Annotated[
        bool, typer.Option("--approved", help="Only approved documents were exported: no label is an answer, too.")
    ] = False,
    name: Name = None,
    descriptive: Descriptive = False,
    as_json: AsJson = False,
) -> None:
    """Make a project of a doccano project: documents, labels, passages, texts and annotators."""
    from middlemost.files.doccano_project import as_asked, read_project

    asked = as_asked(question)
    _move(
        folder,
        lambda: read_project(exports, name=name, descriptive=descriptive, asked=asked, approved=approved),
        as_json=as_json,
    )


@imports.command()
def argilla(
    records: Annotated[Path, typer.Argument(help="The records, as JSON.")],
    folder: Folder,
    settings: Annotated[
        Path | None, typer.Option(help="The settings, as JSON: what is shown, titles, options nobody chose.")
    ] = None,
    utf16: Annotated[
        bool, typer.Option("--utf-16", help="Passages were marked in Argilla's page, which counts an emoji as two.")
    ] = False,
    name: Name = None,
    descriptive: Descriptive = False,
    as_json: AsJson = False,
) -> None:
    """Make a project of an Argilla data set: records, questions, users and their responses."""
    from middlemost.files.argilla_project import read_project

    _move(
        folder,
        lambda: read_project(records, settings, name=name, descriptive=descriptive, utf16=utf16),
        as_json=as_json,
    )


def _move(folder: Path, read: Callable[[], Incoming], *, as_json: bool) -> None:
    from middlemost.project.moving import move_in

    with aside.status("moving"):
        moved = move_in(folder, read(), database=database_url())
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
    to: Annotated[str, typer.Option(help="csv, jsonl, parquet, label-studio, doccano, argilla or hugging-face.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The file to write; of hugging-face a folder or .zip.")],
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

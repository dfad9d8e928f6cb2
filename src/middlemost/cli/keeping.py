"""Commands that keep what was collected."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from middlemost.cli.shared import AsJson, Folder, app, aside, database_url, emit, screen


@app.command()
def backup(
    folder: Folder,
    output: Annotated[
        Path | None, typer.Argument(help="A new file; named by the time, in the folder, if absent.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Copy everything that was collected to one file, while work goes on; from SQLite and PostgreSQL alike."""
    from middlemost.project.database import back_up

    with aside.status("copying"):
        written = back_up(folder, output, database=database_url())
    if as_json:
        emit({"file": str(written)})
    else:
        screen.print(f"written: {written}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def restore(
    folder: Folder, file: Annotated[Path, typer.Argument(help="What backup wrote, or another project's middlemost.db.")]
) -> None:
    """Put a backup back into a project that has collected nothing, on SQLite or PostgreSQL."""
    from middlemost.project.database import restore as restore_project

    with aside.status("copying"):
        restore_project(folder, file, database=database_url())
    screen.print(f"restored: {file}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def migrate(folder: Folder, as_json: AsJson = False) -> None:
    """Bring the database up to date now, not when a server starts; a copy of what it was is kept first."""
    from middlemost.project.database import migrate as bring_up

    with aside.status("bringing the database up to date"):
        kept = bring_up(folder, database=database_url())
    if as_json:
        emit({"changed": kept is not None, "kept": str(kept) if kept else None})
    else:
        say = f"brought up to date; as it was: {kept}" if kept else "up to date already"
        screen.print(say, markup=False, highlight=False, soft_wrap=True)


@app.command()
def doctor(
    folder: Folder,
    seal: Annotated[str | None, typer.Option(help="One that doctor told earlier: the log must still have it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look whether what was collected is whole and is what was written: counters, audit log. Exit code 1 if not."""
    from middlemost.project.doctor import doctor as look_through

    with aside.status("looking through the database"):
        found = look_through(folder, seal=seal, database=database_url())
    if as_json:
        emit(asdict(found))
    else:
        for fault in found.faults:
            screen.print(fault, markup=False, highlight=False, soft_wrap=True)
        say = f"{len(found.faults):,} faults" if found.faults else "all in order"
        screen.print(
            f"{say}: {found.items:,} items, {found.answers:,} answers, {found.events:,} events in the audit log. "
            f"Its seal: {found.seal}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    raise typer.Exit(1 if found.faults else 0)

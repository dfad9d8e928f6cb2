"""The demonstration, and the version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from middlemost.cli.shared import app, screen
from middlemost.version import __version__

if TYPE_CHECKING:
    pass


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where the demo's project lies; made anew at each run.")] = Path(
        "demo"
    ),
    once: Annotated[bool, typer.Option("--once", help="End when the steps are done.")] = False,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="8700, or a free one where that is in use; 0: any free one.")
    ] = None,
) -> None:
    """The main job on real input: 45 patients, five anaesthetists (Dawid and Skene 1979), through a running server."""
    from middlemost.demo import run

    raise SystemExit(run(folder, once=once, port=port, screen=screen))


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and end.", is_eager=True)] = False,
) -> None:
    """From people's answers to labels that can be trusted, with how far and why."""
    if show:
        screen.print(f"middlemost {__version__}", highlight=False)
        raise typer.Exit

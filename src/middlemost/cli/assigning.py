"""Commands that say which items come first, and what raters are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from middlemost.cli.shared import AsJson, Folder, app, aside, emit, opened, screen
from middlemost.core.words import plural


@app.command()
def prioritise(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="CSV, JSON Lines or Parquet: item, priority; higher ones come first.")],
    as_json: AsJson = False,
) -> None:
    """Say which items come first, while raters work: all of a file or nothing."""
    from middlemost.project.assign import prioritise as prioritise_items

    with opened(folder) as project, aside.status("putting items in line"):
        n = prioritise_items(project, file)
    if as_json:
        emit({"items": n})
    else:
        screen.print(f"{plural(n, 'item')} in line as the file says.", highlight=False)


@app.command()
def raters(
    folder: Folder,
    file: Annotated[
        Path | None, typer.Argument(help="Columns: rater (r-001), and one for each thing that is said of them.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say of raters what quotas and exclusions go by (a language, the author's name); without a file, what is said."""
    from middlemost.project.assign import describe_raters, said_of_raters

    with opened(folder) as project:
        n = describe_raters(project, file) if file else 0
        said = said_of_raters(project)
    if as_json:
        emit(said)
    elif file:
        screen.print(f"{plural(n, 'rater')} described as the file says.", highlight=False)
    else:
        for pseudonym, values in sorted(said.items()):
            words = ", ".join(f"{name}: {value}" for name, value in sorted(values.items()))
            screen.print(f"{pseudonym}  {words}", markup=False, highlight=False, soft_wrap=True)

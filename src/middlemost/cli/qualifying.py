"""Commands about what raters go through before they are lent items."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from middlemost.cli.shared import AsJson, Folder, app, aside, emit, opened, screen
from middlemost.errors import SettingError

COLUMNS = "JSON Lines, CSV or Parquet: text, label [, why, id, ...]"


@app.command()
def exercises(
    folder: Folder,
    training: Annotated[Path | None, typer.Option(help=f"Raters get feedback on these. {COLUMNS}.")] = None,
    test: Annotated[Path | None, typer.Option(help="Raters are tested with these. The same columns.")] = None,
    controls: Annotated[Path | None, typer.Option(help="Mixed in without a sign. The same columns.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add what raters are trained, tested and checked with; without a file, say how much of it there is."""
    from middlemost.project.exercises import add_exercises

    with opened(folder) as project, aside.status("adding"):
        have = add_exercises(project, training=training, test=test, controls=controls)
        rules = project.protocol.collection
    if as_json:
        emit(asdict(have))
        return
    screen.print(f"{have.training:,} for training, {have.test:,} for the test, {have.controls:,} control items.")
    if (have.training or have.test) and rules.qualification is None:
        aside.print("Not used yet: protocol.yaml declares no `qualification` under `collection`.", markup=False)
    if have.controls and rules.controls is None:
        aside.print("Not used yet: protocol.yaml declares no `controls` under `collection`.", markup=False)


@app.command()
def admit(
    folder: Folder,
    rater: Annotated[
        str | None, typer.Argument(help="A pseudonym (r-003); without one, where everybody stands.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; it is recorded.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Send them through training and test once more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let a rater begin who has not passed, or send one through training and test again."""
    from middlemost.project import qualify

    with opened(folder) as project:
        if rater is not None and reason is None:
            raise SettingError("There is no reason.", mend='Say why: --reason "…"')
        if rater is not None and reason is not None:
            (qualify.send_again if again else qualify.admit)(project, rater, reason)
        found = [one for one in qualify.candidates(project) if rater in (None, one.rater)]
    if as_json:
        emit([asdict(one) for one in found])
        return
    for one in found:
        screen.print(f"{one.rater}  {qualify.words(one.course)}", markup=False, highlight=False)
    if not found:
        aside.print("Nobody is here to go through training or a test.", markup=False)

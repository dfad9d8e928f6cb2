"""Commands for raters of a panel."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from middlemost.cli.shared import BASE, AsJson, Base, Folder, app, aside, emit, opened, screen
from middlemost.core.panels import PanelName

panels = typer.Typer(help="Raters from Prolific or Mechanical Turk: a link for them, and who has come by it.")
app.add_typer(panels, name="panel")


@panels.callback()
def panel() -> None:
    """Raters from Prolific or Mechanical Turk: a link for them, and who has come by it."""


@panels.command("invite")
def invite_panel(
    folder: Folder,
    name: Annotated[PanelName, typer.Argument(help="prolific or mturk.")],
    uses: Annotated[int, typer.Option(min=1, max=1000, help="How many raters may join by it.")],
    code: Annotated[str | None, typer.Option(help="The completion code that Prolific shows for the study.")] = None,
    base: Base = BASE,
    as_json: AsJson = False,
) -> None:
    """Make the address to enter at the panel."""
    from middlemost.project import panel

    with opened(folder) as project:
        token = panel.invite_panel(project, name, uses=uses, code=code)
    link = panel.link_of(f"{base.rstrip('/')}/join/{token}", name)
    if as_json:
        emit({"link": link})
    else:
        screen.print(link, markup=False, highlight=False, soft_wrap=True)


@panels.command("list")
def list_members(folder: Folder, as_json: AsJson = False) -> None:
    """Say who came from a panel, what they answered, and the code that they leave with."""
    from middlemost.project.panel import members

    with opened(folder) as project:
        found = members(project)
    if as_json:
        emit([asdict(one) for one in found])
        return
    for one in found:
        state = f"done, {one.code}" if one.done else "not done"
        screen.print(
            f"{one.rater}  {one.panel} {one.member}  {one.answered:,} answered  {state}", markup=False, highlight=False
        )
    if not found:
        aside.print("Nobody has come from a panel.", markup=False)

"""Commands about webhooks: who is told of what happens."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from middlemost.cli.shared import AsJson, Folder, app, aside, emit, opened, screen

hooks = typer.Typer(help="Webhooks: programs elsewhere are told of what happens, signed.")
app.add_typer(hooks, name="hooks")

Name = Annotated[str, typer.Argument(help="The webhook's name.")]


@hooks.callback()
def hooks_() -> None:
    """Webhooks: programs elsewhere are told of what happens, signed."""


@hooks.command("add")
def add_hook(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="A word by which to end it.")],
    url: Annotated[str, typer.Argument(help="Where to tell it: https, or this machine.")],
    kinds: Annotated[list[str], typer.Option("--on", help="What to tell: answered, decided, … (several times).")],
    as_json: AsJson = False,
) -> None:
    """Tell an address of what happens from now on; prints the secret that signs it, this once."""
    from middlemost.project.hooks import add_hook as add

    with opened(folder) as project:
        secret = add(project, name, url, kinds)
    if as_json:
        emit({"secret": secret})
    else:
        screen.print(secret, markup=False, highlight=False, soft_wrap=True)


@hooks.command("list")
def list_hooks(folder: Folder, as_json: AsJson = False) -> None:
    """List the webhooks."""
    from middlemost.project.hooks import hooks as all_hooks

    with opened(folder) as project:
        found = all_hooks(project)
    if as_json:
        emit([asdict(one) for one in found])
        return
    for one in found:
        state = "" if one.ended_at is None else "  (ended)"
        screen.print(f"{one.name}  {one.url}  {', '.join(one.kinds)}{state}", markup=False, highlight=False)


@hooks.command("end")
def end_hook(folder: Folder, name: Name) -> None:
    """Tell this one nothing more."""
    from middlemost.project.hooks import end_hook as end

    with opened(folder) as project:
        end(project, name)
    screen.print(f"ended: {name}", markup=False, highlight=False)


@hooks.command("log")
def log_hooks(
    folder: Folder,
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many of the newest.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Say how telling went, newest first."""
    from middlemost.project.hooks import deliveries

    with opened(folder) as project:
        found = deliveries(project, most)
    if as_json:
        emit([asdict(one) for one in found])
        return
    for one in found:
        screen.print(
            f"{one.hook}  event {one.event} ({one.did})  {one.state} after {one.tries}: {one.outcome or 'not tried'}",
            markup=False,
            highlight=False,
        )
    if not found:
        aside.print("Nobody was told of anything yet.", markup=False)


@hooks.command("resend")
def resend_failed(folder: Folder, name: Name) -> None:
    """Try once more what failed."""
    from middlemost.project.hooks import resend

    with opened(folder) as project:
        n = resend(project, name)
    screen.print(f"{n:,} to be told again.", highlight=False)

"""Commands that run a project: from its protocol to its server."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from middlemost.cli.shared import BASE, AsJson, Base, Folder, app, aside, database_url, emit, opened, provider, screen
from middlemost.core.memory import uncollected
from middlemost.core.roles import Role
from middlemost.errors import InputError

if TYPE_CHECKING:
    from middlemost.web.serve import Address


@app.command()
def init(
    folder: Folder,
    name: Annotated[str | None, typer.Option(help="The project's name; the folder's if absent.")] = None,
) -> None:
    """Scaffold a project: protocol.yaml with its schema for editors, and guidelines.md."""
    from middlemost.project.init import init as init_project

    protocol = init_project(folder, name)
    screen.print(f"written: {protocol}", markup=False, highlight=False, soft_wrap=True)
    screen.print(f"Edit it and guidelines.md, then: middlemost check {folder}", markup=False, highlight=False)


@app.command()
def check(folder: Folder, as_json: AsJson = False) -> None:
    """Say what is wrong in a project's protocol, with line and column, or that nothing is."""
    from middlemost.project.check import check as check_project

    checked = check_project(folder, database=database_url())
    if as_json:
        have = {"name": checked.protocol.name, "items": checked.items, "answers": checked.answers}
        emit(have | {"changes": list(checked.changes), "ok": True})
        return
    for notice in checked.notices:
        aside.print(notice, markup=False, highlight=False)
    if checked.changes:
        aside.print("When it comes into force:", style="bold", highlight=False)
    for change in checked.changes:
        aside.print(f"- {change}", markup=False, highlight=False)
    first, *more = checked.protocol.questions
    asked = f"{len(first.shown())} options" if first.shown() else first.type
    others = f", {len(more)} more questions" if len(more) > 1 else ", 1 more question" if more else ""
    screen.print(
        f"{checked.protocol.name}: the protocol is in order. {first.ask} ({asked}{others}, "
        f"{checked.protocol.collection.answers_per_item} answers an item; {checked.items:,} items, "
        f"{checked.answers:,} answers so far)",
        markup=False,
        highlight=False,
    )


@app.command()
def add(
    folder: Folder,
    items: Annotated[Path | None, typer.Argument(help="JSON Lines, CSV or Parquet: text [, id, ...].")] = None,
    gold: Annotated[Path | None, typer.Option(help="Known labels: item, label [, drawn].")] = None,
    drawn: Annotated[
        Literal["random", "chosen"] | None, typer.Option(help="random or chosen: how the gold was drawn.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help="Answers given before: item, rater, answer [, question, round, time, seconds].")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import items, gold, and earlier answers: all of a file or nothing; what is already there stays as it is."""
    from middlemost.files.earlier import read_earlier
    from middlemost.project.add import add as add_items
    from middlemost.project.moving import Moved, bring_in

    if items is None and gold is None and answers is None:
        raise InputError("There is nothing to add.", mend="Name a file of items, or --gold, or --answers, and a file.")
    with opened(folder) as project, aside.status("adding"):
        pages = None if answers is None else read_earlier(answers, project.protocol.questions)
        added = add_items(project, items, gold=gold, drawn=drawn)
        moved = Moved(0, 0, 0) if pages is None else bring_in(project, pages)
    if as_json:
        emit(asdict(added) | {"answers": asdict(moved)})
        return
    screen.print(f"{added.new:,} items added, {added.known:,} were there already, {added.gold:,} gold labels.")
    if pages is not None:
        screen.print(f"{moved.new:,} answers added, {moved.known:,} were there already, {moved.raters:,} new raters.")


@app.command()
def serve(
    folder: Folder,
    host: Annotated[str, typer.Option(envvar="MIDDLEMOST_HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="MIDDLEMOST_PORT", min=0, max=65535, help="0: any free one.")] = 8700,
    as_json: AsJson = False,
) -> None:
    """Serve the rater's page and the desk; the first run prints a one-time link for the owner."""
    with uncollected():  # while all that stays is loaded; the server lets it look again once it answers
        from middlemost.web.serve import serve as serve_project

        serve_project(
            folder,
            host=host,
            port=port,
            announce=announce_json if as_json else announce,
            database=database_url(),
            provider=provider(),
        )


@app.command()
def openapi() -> None:
    """Print the description of the server's interface for machines (OpenAPI 3.1)."""
    from middlemost.web.app import routes
    from middlemost.web.description import described

    emit(described(routes()))


def announce(address: Address) -> None:
    """Say where the server is."""
    screen.print(f"desk and rater's page: {address.url}  (stop with Ctrl-C)", markup=False, highlight=False)
    if address.owner_link:
        screen.print("Sign in as the owner with this link; it works once:", markup=False)
        screen.print(address.owner_link, markup=False, highlight=False, soft_wrap=True)


def announce_json(address: Address) -> None:
    """The same, one JSON line for scripts."""
    sys.stdout.write(json.dumps(asdict(address)) + "\n")
    sys.stdout.flush()


@app.command()
def invite(
    folder: Folder,
    role: Annotated[Role, typer.Option(help="owner, lead, adjudicator, rater or auditor.")] = "rater",
    name: Annotated[str | None, typer.Option(help="For whom, where the link is for one person.")] = None,
    uses: Annotated[int, typer.Option(min=1, max=1000, help="How many people may join by it.")] = 1,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often this rater answers each item.")] = 1,
    again: Annotated[str | None, typer.Option(help="A pseudonym (r-003): a new link for somebody who joined.")] = None,
    base: Base = BASE,
    as_json: AsJson = False,
) -> None:
    """Make a link by which raters or leads join, or somebody who joined signs in again."""
    from middlemost.project import people

    with opened(folder) as project:
        person = people.person_named(project, again) if again else None
        token = people.invite(project, role=role, name=name, uses=uses, rounds=rounds, person=person)
    link = f"{base.rstrip('/')}/join/{token}"
    if as_json:
        emit({"link": link})
    else:
        screen.print(link, markup=False, highlight=False, soft_wrap=True)

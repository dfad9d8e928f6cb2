"""Commands about who may come in: everybody who joined, who waits to be let in, whose access is taken away."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from middlemost.cli.shared import AsJson, Folder, app, emit, opened, screen


class ListedFirst(TyperGroup):
    """`users toxicity` is `users list toxicity`: what is no command is the folder whose people are listed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in that is meant."""
        if not args or args[0] not in {*self.commands, "--help"}:
            args = ["list", *args]
        return super().parse_args(ctx, args)


users = typer.Typer(cls=ListedFirst, help="People: list them (users FOLDER), let in who signed up, close, reopen.")
app.add_typer(users, name="users")

Pseudonym = Annotated[str, typer.Argument(help="Who: a pseudonym, say r-003.")]
Applicant = Annotated[int, typer.Argument(help="Who: the number that `users waiting` shows.")]


@users.command("list")
def list_users(folder: Folder, as_json: AsJson = False) -> None:
    """List everybody who has joined, with their roles; `users FOLDER` is the same."""
    from middlemost.project.closing import members

    with opened(folder) as project:
        everybody = members(project)
    if as_json:
        emit([_row(one.pseudonym, one.name, one.role, gone) for one, gone in everybody])
        return
    for one, gone in everybody:
        _say(f"{one.pseudonym}  {one.role:<12} {one.name}{'  (closed)' if gone else ''}")


@users.command("waiting")
def list_waiting(folder: Folder, as_json: AsJson = False) -> None:
    """List who signed up and waits to be let in."""
    from middlemost.project.sign_up import applicants

    with opened(folder) as project:
        found = applicants(project)
    if as_json:
        emit([asdict(one) for one in found])
        return
    for one in found:
        _say(f"{one.id}  {one.name}  {one.login or one.issuer or ''}")


@users.command("let-in")
def let_in(folder: Folder, applicant: Applicant, as_json: AsJson = False) -> None:
    """Let somebody in who waits: they join as a rater, and sign in by what they signed up with."""
    from middlemost.project.sign_up import let_in as let_in_one

    with opened(folder) as project:
        joined = let_in_one(project, applicant)
    if as_json:
        emit(_row(joined.pseudonym, joined.name, joined.role, False))
    else:
        _say(f"{joined.pseudonym}  {joined.role:<12} {joined.name}")


@users.command("decline")
def decline(folder: Folder, applicant: Applicant) -> None:
    """Decline somebody who waits: nothing of them is kept."""
    from middlemost.project.sign_up import decline as decline_one

    with opened(folder) as project:
        decline_one(project, applicant)
    _say(f"declined: {applicant}")


@users.command("close")
def close(folder: Folder, pseudonym: Pseudonym) -> None:
    """Take a person's access away: sessions, tokens, password, accounts and links end. What they answered stays."""
    from middlemost.project.closing import close as close_one

    with opened(folder) as project:
        close_one(project, pseudonym)
    _say(f"closed: {pseudonym}")


@users.command("reopen")
def reopen(folder: Folder, pseudonym: Pseudonym) -> None:
    """Let a person come in again, by a new link (invite --again)."""
    from middlemost.project.closing import reopen as reopen_one

    with opened(folder) as project:
        reopen_one(project, pseudonym)
    _say(f"reopened: {pseudonym}; middlemost invite {folder} --again {pseudonym} makes a link")


def _row(pseudonym: str, name: str, role: str, gone: bool) -> dict[str, object]:
    return {"pseudonym": pseudonym, "name": name, "role": role, "closed": gone}


def _say(line: str) -> None:
    screen.print(line, markup=False, highlight=False, soft_wrap=True)

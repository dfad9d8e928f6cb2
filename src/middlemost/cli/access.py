"""Commands about the tokens by which programs come in."""

from __future__ import annotations

from dataclasses import asdict
from time import gmtime, strftime
from typing import Annotated

import typer

from middlemost.cli.shared import AsJson, Folder, app, emit, opened, screen

tokens = typer.Typer(help="Tokens for programs: make, list, revoke.", no_args_is_help=True)
app.add_typer(tokens, name="tokens")


@tokens.command("make")
def make(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="What it is for: a word by which to revoke it.")],
    person: Annotated[str, typer.Option("--for", help="For whom it acts: a pseudonym, say l-001.")],
    scope: Annotated[list[str], typer.Option(help="read, decide, invite or answer; may be given several times.")],
    days: Annotated[int, typer.Option(help="How long it lasts.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Make a token; it is shown this once."""
    from middlemost.project.people import person_named
    from middlemost.project.tokens import make_token

    with opened(folder) as project:
        token = make_token(project, person_named(project, person), name, scope, days)
    if as_json:
        emit({"token": token})
    else:
        screen.print(token, markup=False, highlight=False, soft_wrap=True)


@tokens.command("list")
def list_tokens(folder: Folder, as_json: AsJson = False) -> None:
    """List the tokens: for whom, what for, until when, last used when."""
    from middlemost.project.tokens import tokens as all_tokens

    with opened(folder) as project:
        found = all_tokens(project)
    if as_json:
        emit([asdict(one) for one in found])
        return
    for one in found:
        ends = f"revoked {_day(one.revoked_at)}" if one.revoked_at else f"until {_day(one.expires_at)}"
        used = f"last used {_day(one.used_at)}" if one.used_at else "never used"
        line = f"{one.name}  for {one.person}: {one.scope}; {ends}, {used}"
        screen.print(line, markup=False, highlight=False, soft_wrap=True)


@tokens.command("revoke")
def revoke(folder: Folder, name: Annotated[str, typer.Argument(help="The token's name.")]) -> None:
    """End a token: from now on it is not valid."""
    from middlemost.project.tokens import revoke_token

    with opened(folder) as project:
        revoke_token(project, name)
    screen.print(f"revoked: {name}", markup=False, highlight=False, soft_wrap=True)


def _day(at: float | None) -> str:
    return strftime("%Y-%m-%d", gmtime(at or 0))

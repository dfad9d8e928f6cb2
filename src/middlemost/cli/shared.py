"""What the commands share: the application they are put into, where they print, how they open a project."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from middlemost.errors import MiddlemostError, SettingError

if TYPE_CHECKING:
    from middlemost.project.folder import Project
    from middlemost.web.provider import Settings

DATABASE_URL = "MIDDLEMOST_DATABASE_URL"
OIDC = "MIDDLEMOST_OIDC"

app = typer.Typer(
    name="middlemost",
    help="From people's answers to labels that can be trusted, with how far and why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
screen = Console()
aside = Console(stderr=True)

Folder = Annotated[Path, typer.Argument(help="The project's folder.")]
Asked = Annotated[str | None, typer.Option("--question", help="Which question; the first if absent.")]
BASE = "http://127.0.0.1:8700"
Base = Annotated[str, typer.Option(help="The address of the server.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def complain(error: MiddlemostError) -> None:
    """Print one mistake: the place, what is wrong, how to mend it."""
    if error.place and str(error.place):
        aside.print(str(error.place), style="bold", markup=False, highlight=False, soft_wrap=True)
    aside.print(error.message, markup=False, highlight=False, soft_wrap=True)
    if error.mend:
        aside.print(error.mend, style="green", markup=False, highlight=False, soft_wrap=True)


@contextmanager
def progress(words: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on standard error for as long as the block lasts; tell it how much is done, of how much."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=aside, transient=True, disable=not aside.is_terminal) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def emit(value: Any) -> None:
    """Print `value` as JSON on standard output."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def database_url() -> str | None:
    """The database that the environment names: in MIDDLEMOST_DATABASE_URL, or in the file that its _FILE names."""
    return secret(DATABASE_URL)


def secret(name: str) -> str | None:
    """What the environment says under `name`, or the file that it names under `name` and _FILE."""
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and file:
        raise SettingError(f"Both {name} and {name}_FILE are set.", mend="Leave one out.")
    if not file:
        return value or None
    try:
        return Path(file).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{name}_FILE names a file that cannot be read: {error}.") from error


def provider() -> Settings | None:
    """Whose accounts people can sign in by, as the environment says; None where it names nobody."""
    from middlemost.web.provider import Settings

    issuer, client = os.environ.get(f"{OIDC}_ISSUER"), os.environ.get(f"{OIDC}_CLIENT_ID")
    if not issuer and not client:
        return None
    if not issuer or not client:
        missing = "ISSUER" if client else "CLIENT_ID"
        raise SettingError(f"{OIDC}_{missing} is missing.", mend="Set issuer and client ID, or neither.")
    title, base = os.environ.get(f"{OIDC}_NAME"), os.environ.get("MIDDLEMOST_URL")
    return Settings(issuer, client, secret(f"{OIDC}_CLIENT_SECRET"), title or None, base or None)


def opened(folder: Path) -> Project:
    """The project in `folder`, with the database that the environment names."""
    from middlemost.project.folder import Project

    return Project.open(folder, database=database_url())

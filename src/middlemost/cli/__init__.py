"""The command line: one command a verb, each a thin call of the function that the library and the server call too.

Results go to standard output, or as JSON with `--json`; notices, progress and errors to standard error. Exit code 0
when all is well, 2 for a mistake that the user can mend (the message says how), 1 where a check did not hold.
"""

from __future__ import annotations

from middlemost.cli import (  # each puts its commands into `app`
    access,
    assigning,
    calibrating,
    hooks,
    keeping,
    moving,
    panels,
    qualifying,
    reporting,
    results,
    reviewing,
    running,
    showing,
    users,
)
from middlemost.cli.shared import app, aside, complain
from middlemost.errors import MiddlemostError, ProtocolError

__all__ = [
    "access", "app", "assigning", "calibrating", "hooks", "keeping", "main", "moving", "panels", "qualifying",
    "reporting", "results", "reviewing", "running", "showing", "users",
]  # fmt: skip


def main() -> None:
    """Run the command line; a mistake of the user is one message and exit code 2, never a stack trace."""
    try:
        app()
    except ProtocolError as error:
        aside.print(f"{len(error.problems)} to mend:", style="bold", highlight=False)
        for problem in error.problems:
            complain(problem)
        raise SystemExit(2) from None
    except MiddlemostError as error:
        complain(error)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None

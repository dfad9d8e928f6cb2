"""Published tables carried with the package, for the demo, the documentation and first steps."""

from __future__ import annotations

from pathlib import Path

from middlemost.errors import MissingError

FOLDER = Path(__file__).parent


def example(name: str) -> Path:
    """The path of a table that comes with the package.

    `anaesthetists`: the answers of Dawid and Skene (1979), columns item, rater, round, answer.
    `anaesthetists-consensus`: the classes that they conclude, columns item, label. Raises MissingError for any other
    name.

    >>> example("anaesthetists").name
    'anaesthetists.csv'
    """
    path = FOLDER / f"{name}.csv"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in FOLDER.glob("*.csv")))
        raise MissingError(f"There is no example {name!r}.", mend=f"Known: {known}.")
    return path

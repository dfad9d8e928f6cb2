"""Every error that middlemost raises on purpose.

    MiddlemostError                 a message, the place it is about, how to mend it
    ├── InputError                  a file, frame, column or value cannot be used
    │   └── ProtocolError           protocol.yaml has mistakes; `.problems` lists them all
    ├── SettingError                an argument or option has an impossible value (also a ValueError)
    ├── StateError                  the request does not fit what is there (a port in use, an old database)
    │   ├── MissingError            what was asked for does not exist
    │   ├── NotAdmittedError        a rater has training or a test to go through first
    │   ├── ChangedError            the protocol has changed since what was sent was made
    │   ├── CalibratingError        a rater has a calibration round to answer first
    │   └── UnavailableError        the database is away or full; later it may work
    └── AccessError                 who asks may not do this

The command line answers each with exit code 2, the web server with RFC 9457 problem details. Anything else that
escapes is a bug of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Place:
    """Where in the input a mistake is. `line` and `column` count from 1."""

    file: str | None = None
    line: int | None = None
    column: int | str | None = None
    value: str | None = None

    def __str__(self) -> str:
        parts = [self.file or ""]
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        if self.value is not None:
            parts.append(f"value {shorten(self.value)!r}")
        return ", ".join(part for part in parts if part)


class MiddlemostError(Exception):
    """The root of the tree: `message`, `place` and `mend` are what a person needs to go on."""

    def __init__(self, message: str, *, place: Place | None = None, mend: str | None = None) -> None:
        super().__init__(message)
        self.message, self.place, self.mend = message, place, mend

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place and str(self.place) else ""
        return f"{where}{self.message}" + (f" {self.mend}" if self.mend else "")


class InputError(MiddlemostError):
    """A file, frame, column or value cannot be used."""


class ProtocolError(InputError):
    """protocol.yaml has mistakes. `problems` holds one `InputError` each, in the order of the file."""

    def __init__(self, problems: list[InputError]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class SettingError(MiddlemostError, ValueError):
    """An argument or option has an impossible value."""


class StateError(MiddlemostError):
    """The request does not fit what is there."""


class MissingError(StateError):
    """What was asked for does not exist."""


class NotAdmittedError(StateError):
    """A rater is still to go through training, or to pass a test, before they are lent items."""


class ChangedError(StateError):
    """Another protocol is in force than the one that an answer was made under."""


class CalibratingError(StateError):
    """A rater is to answer the items of a calibration round before they are lent others."""


class UnavailableError(StateError):
    """The database is away, or full: nothing was written, and `after` so many seconds it may work."""

    def __init__(self, message: str, *, mend: str | None = None, after: int = 2) -> None:
        super().__init__(message, mend=mend)
        self.after = after


class TooManyError(MiddlemostError):
    """Somebody tried too often in too short a time; `after` so many seconds they may try again."""

    def __init__(self, message: str, *, after: int) -> None:
        super().__init__(message, mend=f"Try again in {after} seconds.")
        self.after = after


class AccessError(MiddlemostError):
    """Who asks may not do this. `signed_in` tells whether signing in could help."""

    def __init__(self, message: str, *, signed_in: bool = True, mend: str | None = None) -> None:
        super().__init__(message, mend=mend)
        self.signed_in = signed_in


def shorten(text: str, most: int = 80) -> str:
    """`text` with its middle left out if it is longer than `most` characters.

    >>> shorten("a" * 100, 11)
    'aaaaa…aaaaa'
    """
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def did_you_mean(word: str, known: Sequence[str], *, otherwise: str = "Known: ") -> str | None:
    """A suggestion for a word that is not known.

    >>> did_you_mean("paradim", ["paradigm", "name"])
    'Did you mean paradigm?'
    >>> did_you_mean("colour", ["paradigm", "name"])
    'Known: paradigm, name.'
    """
    if found := get_close_matches(word, known, n=1, cutoff=0.6):
        return f"Did you mean {found[0]}?"
    return f"{otherwise}{', '.join(known)}." if known else None

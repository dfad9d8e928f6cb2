"""What pydantic finds wrong, in words for people who have never heard of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any


def worded(detail: Any, name: str, given: bool, siblings: Sequence[str]) -> tuple[str, str | None]:
    """(what is wrong, how to mend it) for one entry of `ValidationError.errors()`.

    `name` is the place as people write it, `given` tells whether its key is in the file, `siblings` are the keys that
    are known there.
    """
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "missing":
        return (f"`{name}` has no value." if given else f"`{name}` is missing."), _hint(name)
    if kind == "extra_forbidden":
        return f"`{name}` is not known here.", did_you_mean(name.rpartition(".")[2], siblings)
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"])
        mend = did_you_mean(str(value), allowed, otherwise="Write one of these: ")
        return f"`{name}` is {' or '.join(allowed)}.", mend
    if kind in _NUMBERS:
        return f"`{name}` has to be {_NUMBERS[kind]}.", "Write it in digits, as in 3."
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"`{name}` {words} {context[bound]}.", None
    return _SHAPES.get(kind, f"`{name}`: {detail['msg']}.").format(name=name, **context), None


_NUMBERS = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
}
_BOUNDS = {
    "greater_than_equal": ("has to be at least", "ge"),
    "less_than_equal": ("has to be at most", "le"),
}
_SHAPES = {
    "string_type": "`{name}` has to be a text.",
    "string_too_short": "`{name}` is empty.",
    "string_too_long": "`{name}` is longer than {max_length} characters.",
    "too_short": "`{name}` needs at least {min_length}; there are {actual_length}.",
    "too_long": "`{name}` may have at most {max_length}; there are {actual_length}.",
    "list_type": "`{name}` has to be a list: lines that begin with a dash.",
    "model_type": "`{name}` has to have keys of its own, indented below it.",
    "dict_type": "`{name}` has to have keys of its own, indented below it.",
    "model_attributes_type": "`{name}` has to have keys of its own, indented below it.",
}
_EXAMPLES = {
    "name": "name: Toxicity",
    "paradigm": "paradigm: prescriptive",
    "ask": "ask: Is this message toxic?",
    "id": "id: toxic",
}


def _hint(name: str) -> str | None:
    example = _EXAMPLES.get(name.rpartition(".")[2])
    return f"For example: {example}." if example else None


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

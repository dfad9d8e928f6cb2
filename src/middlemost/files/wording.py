"""What pydantic finds wrong, in words for people who have never heard of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from middlemost.errors import did_you_mean

__all__ = ["did_you_mean", "worded"]


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
    if kind in _CHOICES:
        allowed = re.findall(r"'([^']*)'", context[_CHOICES[kind]])
        mend = did_you_mean(str(context.get("tag", value)), allowed, otherwise="Write one of these: ")
        return f"`{name}` is {' or '.join(allowed)}.", mend
    if kind == "value_error":  # ours: says what was expected
        return f"`{name}` has to be {context['error']}.", None
    if kind in _NUMBERS:
        return f"`{name}` has to be {_NUMBERS[kind]}.", "Write it in digits, as in 3."
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"`{name}` {words} {context[bound]}.", None
    if kind not in _SHAPES:
        return f"`{name}`: {detail['msg']}.", None
    return _SHAPES[kind].format(name=name, **context), None


_CHOICES = {"literal_error": "expected", "union_tag_invalid": "expected_tags"}
_NUMBERS = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
}
_BOUNDS = {
    "greater_than": ("has to be more than", "gt"),
    "greater_than_equal": ("has to be at least", "ge"),
    "less_than_equal": ("has to be at most", "le"),
}
_SHAPES = {
    "bool_parsing": "`{name}` is yes or no.",
    "bool_type": "`{name}` is yes or no.",
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

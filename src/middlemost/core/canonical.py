"""JSON that is the same for the same content."""

from __future__ import annotations

import json

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def canonical(value: object) -> str:
    """JSON with its keys in order.

    >>> canonical({"b": 1, "a": "é"})
    '{"a": "é", "b": 1}'
    """
    return _ENCODER.encode(value)

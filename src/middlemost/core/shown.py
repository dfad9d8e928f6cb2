"""What raters see of an item, by the protocol's `show`: the forms that its fields must have."""

from __future__ import annotations

from collections.abc import Mapping

from middlemost.core.nouns import Item
from middlemost.core.protocol import Protocol
from middlemost.core.questions import Ranking
from middlemost.core.questions.ranking import listed


def turns(fields: Mapping[str, object]) -> list[dict[str, str]]:
    """The turns of a conversation, each with `role` and `text`; empty if the field `turns` is no such list.

    >>> turns({"turns": [{"role": "user", "text": "Hello"}]}), turns({"turns": ["Hello"]})
    ([{'role': 'user', 'text': 'Hello'}], [])
    """
    given = fields.get("turns")
    if not isinstance(given, list) or not all(map(_is_turn, given)):
        return []
    return [{"role": one["role"], "text": one["text"]} for one in given]


def _is_turn(given: object) -> bool:
    return isinstance(given, dict) and all(isinstance(given.get(key), str) and given[key] for key in ("role", "text"))


def text_of(fields: Mapping[str, object]) -> str | None:
    """What stands for the text of an item that has none: its conversation written out, or the name of its image."""
    if said := turns(fields):
        return "\n\n".join(f"{one['role']}: {one['text']}" for one in said)
    image = fields.get("image")
    return image if isinstance(image, str) and image.strip() else None


def unfit(protocol: Protocol, item: Item) -> tuple[str, str] | None:
    """(what is wrong, how to mend it) where an item has not what the protocol shows or ranks; None if it has."""
    if protocol.show == "conversation" and not turns(item.fields):
        return "This item has no conversation.", 'It needs `turns`: a list of {"role": "…", "text": "…"}.'
    if protocol.show == "image" and not isinstance(item.fields.get("image"), str):
        return "This item has no image.", "It needs `image`: the path of a file in the project's folder."
    for question in protocol.questions:
        if isinstance(question, Ranking) and question.field and len(listed(item.fields.get(question.field))) < 2:
            what = f"This item has nothing to rank in its field {question.field!r}."
            return what, 'It needs a list of two texts or more, or of {"id": "…", "text": "…"}.'
    return None

"""Reading protocol.yaml: every mistake with its line and column, and how to mend it.

YAML is read as plain text values: `no` is the word no, `007` keeps its zeros. What a reader could trip over is refused:
anchors and aliases, tags, a key given twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from middlemost.core.declared import Mistake
from middlemost.core.protocol import Protocol
from middlemost.core.questions import QUESTIONS
from middlemost.errors import InputError, Place, ProtocolError
from middlemost.files.text import decode, read_bytes
from middlemost.files.wording import worded

MOST_BYTES = 1_000_000
DEEPEST = 50
Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Declaration:
    """A protocol as it was read: its values, its text, and the SHA-256 of that text, which every answer carries."""

    protocol: Protocol
    text: str
    hash: str


def read_protocol(path: str | Path) -> Declaration:
    """The protocol in a YAML file. ProtocolError lists every mistake in it; InputError if it cannot be read at all."""
    data = read_bytes(Path(path))
    if len(data) > MOST_BYTES:
        raise InputError("A protocol of over a megabyte is surely another file.", place=Place(str(path)))
    return parse_protocol(decode(data, str(path)), str(path))


def parse_protocol(text: str, name: str = "protocol.yaml") -> Declaration:
    r"""The protocol in a YAML text; `name` is what messages call it.

    >>> parse_protocol("a: &b c")
    Traceback (most recent call last):
    ...
    middlemost.errors.ProtocolError: protocol.yaml, line 1, column 4: Anchors (&) and aliases (*) are not used here. ...
    """
    source = _Source(name)
    node = source.compose(text)
    values = source.value(node, ())
    if source.problems:
        raise ProtocolError(source.problems)
    try:
        protocol = Protocol.model_validate(values)
    except ValidationError as error:
        raise ProtocolError(source.explained(error)) from None
    if found := [source.placed(mistake) for mistake in protocol.mistakes()]:
        raise ProtocolError(in_order(found))
    return Declaration(protocol, text, sha256(text.encode()).hexdigest())


def json_schema() -> dict[str, Any]:
    """The JSON Schema of protocol.yaml, for editors."""
    schema = Protocol.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


class _Source:
    """One YAML text on its way to values; remembers where each value and key stands."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[InputError] = []
        self._values: dict[Path_, yaml.Node] = {}
        self._keys: dict[Path_, yaml.Node] = {}

    def compose(self, text: str) -> yaml.Node:
        try:
            depth = 0
            for event in yaml.parse(text, Loader=yaml.SafeLoader):
                self._refuse(event)
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth > DEEPEST:  # at once: to read on takes time that grows with the square of the depth
                    place = self._place(event.start_mark)
                    raise ProtocolError([InputError("This is nested too deeply.", place=place)])
            node = None if self.problems else yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            raise ProtocolError([self._unreadable(error)]) from None
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            message = f"The character U+{ord(text[error.position]):04X} cannot stand in YAML."
            raise ProtocolError([InputError(message, place=Place(self.name, line))]) from None
        if self.problems:
            raise ProtocolError(self.problems)
        if not isinstance(node, yaml.MappingNode):
            mend = "Start from a fresh one: middlemost init."
            raise ProtocolError(
                [InputError("A protocol has lines like `name: …`.", place=Place(self.name, 1), mend=mend)]
            )
        return node

    def _refuse(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._problem(event, "Anchors (&) and aliases (*) are not used here.", "Write it out, or quote the text.")
        elif getattr(event, "tag", None):
            self._problem(event, "Tags (!) are not used here.", "Leave it out, or quote the text.")

    def _unreadable(self, error: yaml.MarkedYAMLError) -> InputError:
        what = error.problem or error.context or "this cannot be read"
        mend = "Check the indentation and the quotation marks here and in the line before."
        if "'\\t'" in what:
            mend = "Indent with spaces, not tabs."
        elif "mapping values are not allowed" in what:
            mend = "Put quotation marks round a text that holds a colon."
        at = error.problem_mark
        if error.context == "while scanning a quoted scalar" and "end of stream" in what:
            what, at = "a quotation mark opens here that is never closed", error.context_mark
            mend = "Close it, or leave both marks out."
        return InputError(f"This is not YAML: {what}.", place=self._place(at), mend=mend)

    def value(self, node: yaml.Node, path: Path_) -> Any:
        """The node as text, list or dict. Keys without a value count as absent."""
        self._values[path] = node
        if isinstance(node, yaml.MappingNode):
            return {key: value for key, value in self._pairs(node, path) if value is not None}
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*path, number)) for number, child in enumerate(node.value)]
        return None if node.value == "" and getattr(node, "style", None) is None else node.value

    def _pairs(self, node: yaml.MappingNode, path: Path_) -> Iterator[tuple[str, Any]]:
        for key, child in node.value:
            inner = (*path, str(key.value))
            if not isinstance(key, yaml.ScalarNode):
                self._problem(key, "A key has to be a word.", "Put quotation marks round a text that begins so.")
            elif inner in self._keys:
                self._problem(key, f"`{key.value}` is given twice.", "Keep one of them.")
            else:
                self._keys[inner] = key
                yield key.value, self.value(child, inner)

    def explained(self, error: ValidationError) -> list[InputError]:
        """Every mistake that pydantic found, in the order of the file."""
        return in_order([self._explained(detail) for detail in error.errors(include_url=False)])

    def _explained(self, detail: Any) -> InputError:
        path = _in_file(detail["loc"])
        if detail["type"] == "union_tag_invalid":
            path = (*path, "type")
        message, mend = worded(detail, _dotted(path), path in self._keys, _siblings(detail["loc"]))
        if detail["type"] == "extra_forbidden" or "[key]" in detail["loc"]:
            return InputError(message, place=self._place(self._keys[path].start_mark), mend=mend)
        while path not in self._values:
            path = path[:-1]
        node = self._values[path]
        value = node.value if isinstance(node, yaml.ScalarNode) and node.value else None
        return InputError(message, place=self._place(node.start_mark, value), mend=mend)

    def placed(self, mistake: Mistake) -> InputError:
        """A mistake of the protocol as a whole, at the nearest value that is in the file."""
        path, nodes = mistake.path, self._keys if mistake.at_key else self._values
        while path not in nodes:
            path, nodes = path[:-1], self._values
        node = nodes[path]
        value = node.value if isinstance(node, yaml.ScalarNode) and node.value else None
        return InputError(mistake.message, place=self._place(node.start_mark, value), mend=mistake.mend)

    def _problem(self, at: yaml.Event | yaml.Node, message: str, mend: str) -> None:
        self.problems.append(InputError(message, place=self._place(at.start_mark), mend=mend))

    def _place(self, mark: Any, value: str | None = None) -> Place:
        return Place(self.name, mark.line + 1, mark.column + 1, value) if mark else Place(self.name)


def in_order(problems: list[InputError]) -> list[InputError]:
    """Problems as they stand in the file."""
    return sorted(problems, key=lambda one: (one.place.line or 0, int(one.place.column or 0)) if one.place else (0, 0))


def _in_file(loc: tuple[str | int, ...]) -> Path_:
    """Where pydantic's place is in the file: without the type that it puts after a question's number."""
    kept = loc[:2] + loc[3:] if loc[:1] == ("questions",) and len(loc) > 2 and loc[2] in QUESTIONS else loc
    return tuple(str(part) if isinstance(part, float) else part for part in kept if part != "[key]")


def _siblings(loc: tuple[str | int, ...]) -> list[str]:
    """The keys that could stand where the last one of pydantic's place stands."""
    models: list[type[BaseModel]] = [Protocol]
    for part in loc[:-1]:
        if part in QUESTIONS and models and set(models) <= set(QUESTIONS.values()):
            models = [QUESTIONS[str(part)]]
        elif isinstance(part, str):
            models = [found for model in models for found in _inner(model, part)]
    return list(dict.fromkeys(field.alias or name for model in models for name, field in model.model_fields.items()))


def _inner(model: type[BaseModel], key: str) -> Iterator[type[BaseModel]]:
    """The models that the key `key` of a model holds."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    return _models(fields[key].annotation) if key in fields else iter(())


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _dotted(path: Path_) -> str:
    """`questions[1].ask`, counted from 1 as people do."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".")

"""Label Studio's labelling configuration (XML): what is shown, and what is asked of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from middlemost.errors import InputError, Place
from middlemost.files.text import decode, read_bytes

SHOWN = {"Text", "HyperText", "Paragraphs", "Image", "List", "Markdown"}
ASKED = {
    "Choices": "choices",
    "Labels": "labels",
    "Rating": "rating",
    "Number": "number",
    "TextArea": "textarea",
    "Pairwise": "pairwise",
    "Ranker": "ranker",
}
_OPTION = {"Choices": "Choice", "Labels": "Label"}
_FIELD = re.compile(r"^\$([\w.-]+)$")


@dataclass(frozen=True)
class Control:
    """What asks: `kind` as results name it, the objects it is about, its options (id -> words), all attributes."""

    name: str
    kind: str
    about: tuple[str, ...]
    heading: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)

    def on(self, name: str) -> bool:
        """Whether an attribute says true."""
        return self.attributes.get(name, "").lower() == "true"


@dataclass(frozen=True)
class Shown:
    """What is shown: an object, and the field of the task's data that it shows."""

    name: str
    tag: str
    field: str | None


@dataclass(frozen=True)
class Config:
    """A configuration: its objects and controls in order, and the tags that ask something and are not known here."""

    shown: tuple[Shown, ...] = ()
    controls: tuple[Control, ...] = ()
    unknown: tuple[str, ...] = ()


def read_config(path: Path) -> Config:
    """Read the XML that Label Studio shows under Settings, Labeling Interface, Code. InputError where it is none."""
    text = decode(read_bytes(path), str(path))
    if "<!" in re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL):
        message = "A labelling configuration has no DOCTYPE, entities or CDATA."
        raise InputError(message, place=Place(str(path)), mend="Copy it from Label Studio again.")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - entities are refused above
    except ElementTree.ParseError as error:
        line, column = error.position
        mend = "Copy it from Label Studio's settings: Labeling Interface, Code."
        raise InputError("This is not XML.", place=Place(str(path), line, str(column + 1)), mend=mend) from None
    return Config(
        tuple(Shown(one.get("name", ""), one.tag, _field(one)) for one in root.iter() if one.tag in SHOWN),
        tuple(_controls(root)),
        tuple(sorted({one.tag for one in root.iter() if one.get("toName") and one.tag not in ASKED})),
    )


def _field(shown: ElementTree.Element) -> str | None:
    found = _FIELD.match(shown.get("value", ""))
    return found.group(1) if found else None


def _controls(root: ElementTree.Element) -> Iterator[Control]:
    """The controls, each with the heading that stands before it."""
    heading: str | None = None
    for one in root.iter():
        if one.tag == "Header":
            heading = (one.get("value") or one.text or "").strip() or None
            heading = None if heading and heading.startswith("$") else heading
        elif one.tag in ASKED and one.get("name"):
            about = tuple(name.strip() for name in one.get("toName", "").split(",") if name.strip())
            yield Control(one.get("name", ""), ASKED[one.tag], about, heading, _options(one), dict(one.attrib))
            heading = None


def _options(control: ElementTree.Element) -> dict[str, str]:
    tag = _OPTION.get(control.tag)
    options = [] if tag is None else [one for one in control.iter(tag) if one.get("value")]
    return {str(one.get("alias") or one.get("value")): str(one.get("html") or one.get("value")) for one in options}

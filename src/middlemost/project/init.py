"""`init`: a new project's folder, ready to be edited."""

from __future__ import annotations

import json
from pathlib import Path

from middlemost.errors import InputError, Place, StateError
from middlemost.files.protocol import json_schema
from middlemost.project.folder import PROTOCOL

SCHEMA = "protocol.schema.json"
_TEMPLATE = """\
# yaml-language-server: $schema={schema}
# The procedure of this project. Check it with: middlemost check
name: {name}

# prescriptive: each item has one right label, and disagreement is noise.
# descriptive: opinions differ, and their distribution is the result.
paradigm: prescriptive

guidelines: guidelines.md       # what raters read first

questions:
  - id: toxic                   # names the question in every file that is released
    type: choice
    ask: Is this message toxic?
    options:                    # raters choose with the keys 1, 2, 3
      - id: "yes"
        label: Toxic
        hint: Rude, hateful or threatening
      - id: "no"
        label: Not toxic
      - id: unclear
        label: Cannot be told

collection:
  answers_per_item: 3           # different raters for each item
  lease_minutes: 30             # an item that is not answered by then goes to somebody else

# Goes into the datasheet of every release. What is left out is stated there as not stated.
disclosure:
  purpose:
  items:
  language:
  personal:                     # which personal or sensitive information is in the items
  raters:
  workforce:                    # crowd, experts or others
  pay:
  limitations:
  biases:
  licence:
  creator:
  contact:
  citation:
  url:
  published:
"""
_GUIDELINES = """\
# Guidelines

Say here, in a page, how to decide. Raters open this with the key G.

## Toxic

A message that is likely to make somebody leave the conversation.

- *You are an idiot.* is toxic.
- *I think you are wrong.* is not.

## When in doubt

Choose *Cannot be told*, or skip the item and say why.
"""


def init(folder: str | Path, name: str | None = None) -> Path:
    """Make a project in `folder`: protocol.yaml with its JSON Schema for editors, guidelines.md. Gives the folder.

    StateError if there is one already.
    """
    folder = Path(folder)
    files = {
        PROTOCOL: _TEMPLATE.format(name=json.dumps(_name(folder, name), ensure_ascii=False), schema=SCHEMA),
        "guidelines.md": _GUIDELINES,
        SCHEMA: json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n",
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for there in files:
            if (folder / there).exists():
                raise StateError(f"{folder / there} is there already.", mend="Name another folder, or move it away.")
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"The folder cannot be written: {error.strerror}.", place=Place(str(folder))) from error
    return folder


def _name(folder: Path, name: str | None) -> str:
    given = (name or folder.resolve().name.replace("-", " ").replace("_", " ")).strip()
    return given[:1].upper() + given[1:] or "Untitled"

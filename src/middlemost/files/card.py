"""The card of a data set on Hugging Face: README.md, whose head in YAML machines read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from middlemost.core.protocol import Protocol
from middlemost.core.questions import Choice, MultiChoice, Scale, Spans
from middlemost.files.datasheet import Facts, sections, summary
from middlemost.files.licences import known

_SIZES = ((10**3, "1K"), (10**4, "10K"), (10**5, "100K"), (10**6, "1M"), (10**7, "10M"), (10**8, "100M"))
_WORKFORCE = {"crowd": "crowdsourced", "experts": "expert-generated", "others": "other"}


def card(facts: Facts, configs: Mapping[str, str]) -> str:
    """The card. `configs`: the file of each config by its name, that which is loaded unasked first."""
    head = yaml.safe_dump(_head(facts, configs), sort_keys=False, allow_unicode=True, width=1000)
    parts = [f"# {facts.protocol.name}", summary(facts, source=False), *_loading(configs), *sections(facts)]
    return f"---\n{head}---\n\n" + "\n\n".join(parts) + "\n"


def _head(facts: Facts, configs: Mapping[str, str]) -> dict[str, Any]:
    told = facts.protocol.disclosure
    found = {
        "pretty_name": facts.protocol.name,
        **_licence(told.licence),
        "language": told.language,
        "annotations_creators": [_WORKFORCE[told.workforce]] if told.workforce else None,
        "task_categories": _tasks(facts.protocol) or None,
        "size_categories": [_size(facts.items)],
        "configs": [
            {"config_name": name, "data_files": file} | ({"default": True} if number == 0 else {})
            for number, (name, file) in enumerate(configs.items())
        ],
    }
    return {name: value for name, value in found.items() if value is not None}


def _licence(name: str | None) -> dict[str, str]:
    if name is None:
        return {}
    licence = known(name)
    return {"license": licence.hugging_face} if licence else {"license": "other", "license_name": name}


def _tasks(protocol: Protocol) -> list[str]:
    """What the labels can be learnt for, where the questions tell."""
    if protocol.show == "image":
        labels = any(isinstance(one, Choice | MultiChoice) for one in protocol.questions)
        return ["image-classification"] if labels else []
    labels = any(isinstance(one, Choice | MultiChoice | Scale) for one in protocol.questions)
    spans = any(isinstance(one, Spans) for one in protocol.questions)
    return (["text-classification"] if labels else []) + (["token-classification"] if spans else [])


def _size(n: int) -> str:
    low = "n"
    for most, name in _SIZES:
        if n < most:
            return f"n<{name}" if low == "n" else f"{low}<n<{name}"
        low = name
    return "100M<n<1B"


def _loading(configs: Mapping[str, str]) -> Sequence[str]:
    if not configs:
        return ()
    lines = [f'{name} = load_dataset("path/of/this/folder", "{name}", split="train")' for name in configs]
    code = "\n".join(["from datasets import load_dataset", "", *lines])
    return (f"```python\n{code}\n```",)

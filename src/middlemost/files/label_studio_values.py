"""What Label Studio's results say, as declarations of questions and values of their answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from middlemost.core.nouns import Item
from middlemost.core.questions.ranking import listed
from middlemost.errors import InputError, Place
from middlemost.files.incoming import code_points, options
from middlemost.files.label_studio_config import Config, Control

Result = Mapping[str, Any]
Found = Sequence[tuple["Task", Result]]
MOST_POINTS = 21  # what a Likert scale can have


@dataclass(frozen=True)
class Task:
    """A task of the export: the `number`-th of its file."""

    file: Path
    number: int
    id: str
    given: Mapping[str, Any]

    @classmethod
    def of(cls, file: Path, number: int, given: Mapping[str, Any]) -> Task:
        """Check what every task has. InputError where it has no data."""
        if not isinstance(given.get("data"), dict):
            raise InputError(f"Task {number} has no data.", place=Place(str(file)), mend="Export the project as JSON.")
        return cls(file, number, str(given.get("id", number)), given)

    @property
    def data(self) -> Mapping[str, Any]:
        """The fields that were imported into Label Studio."""
        return dict(self.given["data"])

    def annotations(self) -> Iterator[Mapping[str, Any]]:
        """Its annotations, in order."""
        return (one for one in self.given.get("annotations") or () if isinstance(one, dict))

    def results(self) -> Iterator[Result]:
        """All results of all annotations that were not cancelled."""
        for note in self.annotations():
            if not note.get("was_cancelled"):
                yield from results_of(note)

    def text(self, field: str) -> str:
        """A field of the data as text; a dot leads into it."""
        value: Any = self.given["data"]
        for part in field.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value if isinstance(value, str) else "" if value is None else str(value)

    def item(self, config: Config, questions: Sequence[Question]) -> Item:
        """The task as an item. InputError where there is no text that it could show."""
        fields = dict(self.data)
        for one in questions:
            if (name := one.declaration.get("field")) in fields:
                fields[name] = _entries(fields[name])
        if turns := _turns(config, fields):
            fields["turns"] = turns
            return Item(self.id, "\n\n".join(f"{one['role']}: {one['text']}" for one in turns), fields)
        text, used = self._text(config, questions)
        if not text.strip():
            mend = "Give the labelling configuration, too: it says which field is shown."
            raise InputError(f"Task {self.id} has no text.", place=Place(str(self.file)), mend=mend)
        return Item(self.id, text, {name: value for name, value in fields.items() if name != used})

    def _text(self, config: Config, questions: Sequence[Question]) -> tuple[str, str | None]:
        """What is shown, and the field that it is all of."""
        marked = {name for one in questions if one.control.kind == "labels" for name in one.control.about}
        shown = [(one.name, one.field) for one in config.shown if one.field and one.tag != "List"]
        only = [one for one in shown if one[0] in marked] or shown
        if len(only) == 1 and isinstance(self.data.get(str(only[0][1])), str):
            return self.text(str(only[0][1])), only[0][1]
        if only:
            return "\n\n".join(f"{name}: {self.text(str(field))}" for name, field in only), None
        texts = {name: value for name, value in self.data.items() if isinstance(value, str) and value.strip()}
        name = "text" if "text" in texts else max(texts, key=lambda one: len(texts[one]), default=None)
        if name is None:  # a list to be ranked, say
            return " ".join(str(one) for one in self.data.values() if isinstance(one, (str, int, float))), None
        return texts[name], name


@dataclass(frozen=True)
class Question:
    """A control, and the question that it becomes, as the protocol declares it."""

    control: Control
    declaration: dict[str, Any]


def results_of(note: Mapping[str, Any]) -> Iterator[Result]:
    """The results of an annotation."""
    return (one for one in note.get("result") or () if isinstance(one, dict) and isinstance(one.get("value"), dict))


def declared(control: Control, found: Found, config: Config, *, told: bool) -> Question | str:
    """The question that a control becomes, or in words why it becomes none."""
    if control.on("perRegion") or control.on("perItem"):
        return "asked of each region"
    if not told and not found:
        return "never answered"
    made = _DECLARED[control.kind](control, found, config)
    if isinstance(made, str):
        return made
    ask = control.heading or control.name.replace("_", " ").replace("-", " ").strip().capitalize()
    asked: dict[str, Any] = {"id": control.name, "ask": ask, **made}
    if not control.on("required"):
        asked["required"] = False
    if when := _condition(control, config):
        asked["when"] = when
    return Question(control, asked)


def value_of(question: Question, task: Task, note: Mapping[str, Any], item: Item | None) -> Any:
    """What an annotation says to a question, None where it says nothing."""
    mine = [one for one in results_of(note) if one.get("from_name") == question.control.name]
    if question.declaration["type"] == "spans":  # none marked says something, too
        return _spans(question, task, mine, item)
    return _VALUE[question.control.kind](question, mine[0], item) if mine else None


def _condition(control: Control, config: Config) -> dict[str, Any] | None:
    if control.attributes.get("visibleWhen") != "choice-selected":
        return None
    asked, codes = control.attributes.get("whenTagName"), control.attributes.get("whenChoiceValue", "")
    earlier = next((one for one in config.controls if one.name == asked and one.kind == "choices"), None)
    if earlier is None or config.controls.index(earlier) > config.controls.index(control):
        return None
    wanted = [code.strip() for code in codes.split(",") if code.strip() in earlier.options] or list(earlier.options)
    return {"question": earlier.name, "is": wanted} if wanted else None


def _strings(value: object) -> list[str]:
    """Choices as plain names; of a nested one the last."""
    parts = value if isinstance(value, list) else [value]
    return [str(one[-1] if isinstance(one, list) and one else one) for one in parts]


def _declare_choices(control: Control, found: Found, config: Config) -> dict[str, Any] | str:
    chosen = [_strings(one["value"].get("choices")) for _, one in found]
    possible = options((name for some in chosen for name in some), control.options)
    several = control.attributes.get("choice") == "multiple" or any(len(some) > 1 for some in chosen)
    several = several or len(possible) == 1  # nobody said what else there was
    if not possible:
        return "there is nothing to choose between"
    return {"type": "multichoice" if several else "choice", "options": possible}


def _declare_labels(control: Control, found: Found, config: Config) -> dict[str, Any] | str:
    if any("startOffset" in one["value"] or "start" not in one["value"] for _, one in found):
        return "marked in HTML, audio, video or dialogue, not in a text"
    labels = options((name for _, one in found for name in _strings(one["value"].get("labels"))), control.options)
    return {"type": "spans", "labels": labels, "overlap": True} if labels else "there are no labels"


def _declare_rating(control: Control, found: Found, config: Config) -> dict[str, Any] | str:
    given = [int(one["value"].get("rating") or 0) for _, one in found]
    least, most = min([1, *given]), max([int(control.attributes.get("maxRating") or 5), *given])
    return {"type": "scale", "look": "likert" if most - least < MOST_POINTS else "number", "min": least, "max": most}


def _declare_number(control: Control, found: Found, config: Config) -> dict[str, Any] | str:
    given = [float(one["value"]["number"]) for _, one in found if one["value"].get("number") is not None]
    ends: dict[str, Any] = {}
    for name, reach in (("min", min), ("max", max)):
        if name in control.attributes:
            ends[name] = reach([float(control.attributes[name]), *given])
    return {"type": "scale", "look": "number", **ends}


def _declare_text(control: Control, found: Found, config: Config) -> dict[str, Any] | str:
    return {"type": "text", "max": 10_000}


def _declare_pairwise(control: Control, found: Found, config: Config) -> dict[str, Any] | str:
    names = control.about if len(control.about) == 2 else ("left", "right")
    sides = zip(("left", "right"), names, strict=True)
    return {"type": "choice", "options": [{"id": side, "label": f"{name}, {side}"} for side, name in sides]}


def _declare_ranker(control: Control, found: Found, config: Config) -> dict[str, Any] | str:
    orders = [_order(one) for _, one in found]
    if any(order is None for order in orders):
        return "sorted into several buckets, which is no order"
    field = next((one.field for one in config.shown if one.name in control.about and one.tag == "List"), None)
    field = field or next((_listing(task, order) for (task, _), order in zip(found, orders, strict=True)), None)
    if field is None:
        return "the list that is ranked is not in the tasks"
    sizes = {len(order or ()) for order in orders}
    asked = [len(_entries(task.data.get(field))) for task, _ in found]
    whole = asked == [len(order or ()) for order in orders]
    if not whole and len(sizes) > 1:
        return "some rank more entries than others"
    return {"type": "ranking", "field": field} | ({} if whole or not sizes else {"top": min(sizes)})


def _listing(task: Task, order: Sequence[str] | None) -> str | None:
    """The field of a task that lists what was ranked."""
    lists = ((name, {one["id"] for one in _entries(value)}) for name, value in task.data.items())
    return next((name for name, ids in lists if order and set(order) <= ids), None)


def _order(result: Result) -> list[str] | None:
    """The ids in their order; None where they lie in several buckets."""
    ranked = result["value"].get("ranker")
    named = {name: ids for name, ids in ranked.items() if name != "_"} if isinstance(ranked, dict) else {"": ranked}
    if not named and isinstance(ranked, dict):
        named = ranked
    lists = [ids for ids in named.values() if isinstance(ids, list)]
    return [str(one) for one in lists[0]] if len(lists) == 1 else None


def _entries(value: object) -> list[dict[str, str]]:
    """A list to be ranked, each entry with an id and a text."""
    if not isinstance(value, list):
        return []
    entries = []
    for number, one in enumerate(value, 1):
        if isinstance(one, dict):
            parts = [str(one[key]) for key in ("title", "text", "body") if one.get(key)]
            entries.append({"id": str(one.get("id", number)), "text": "\n".join(parts) or str(one.get("html", number))})
        else:
            entries.append({"id": str(number), "text": str(one)})
    return entries


def _turns(config: Config, fields: Mapping[str, Any]) -> list[dict[str, str]]:
    shown = next((one for one in config.shown if one.tag == "Paragraphs" and one.field), None)
    given = fields.get(str(shown.field)) if shown else None
    rows = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    turns = [{"role": str(one.get("author") or "?"), "text": str(one.get("text") or "")} for one in rows]
    return [one for one in turns if one["text"].strip()]


def _spans(question: Question, task: Task, results: Sequence[Result], item: Item | None) -> list[dict[str, Any]]:
    text, spans = item.text if item else "", []
    for one in results:
        start, end = _offsets(task, text, one["value"])
        spans += [{"start": start, "end": end, "label": name} for name in _strings(one["value"].get("labels"))]
    return [one for number, one in enumerate(spans) if one not in spans[:number]]


def _offsets(task: Task, text: str, value: Mapping[str, Any]) -> tuple[int, int]:
    """Code points. Label Studio counts in the browser, where signs beyond the first 65,536 are two."""
    start, end = int(value["start"]), int(value["end"])
    said = value.get("text")
    points = code_points(text, start), code_points(text, end)
    for found in (points, (start, end)):
        if not isinstance(said, str) or text[found[0] : found[1]].strip() == said.strip():
            return found
    message = f"Task {task.id}: the passage {said!r} is not at {start} to {end} of its text."
    raise InputError(message, place=Place(str(task.file)), mend="Was the task's text changed after it was annotated?")


def _choice_value(question: Question, result: Result, item: Item | None) -> Any:
    chosen = list(dict.fromkeys(_strings(result["value"].get("choices"))))
    return chosen if question.declaration["type"] == "multichoice" else chosen[0] if chosen else None


def _text_value(question: Question, result: Result, item: Item | None) -> str | None:
    return "\n".join(_strings(result["value"].get("text"))).strip() or None


def _ranker_value(question: Question, result: Result, item: Item | None) -> list[list[str]] | None:
    known = listed(item.fields.get(question.declaration["field"])) if item else {}
    return [[one] for one in _order(result) or () if one in known] or None


def _plain(key: str) -> Callable[[Question, Result, Item | None], Any]:
    def value(question: Question, result: Result, item: Item | None) -> Any:
        return result["value"].get(key)

    return value


_DECLARED: dict[str, Callable[[Control, Found, Config], dict[str, Any] | str]] = {
    "choices": _declare_choices,
    "labels": _declare_labels,
    "rating": _declare_rating,
    "number": _declare_number,
    "textarea": _declare_text,
    "pairwise": _declare_pairwise,
    "ranker": _declare_ranker,
}
_VALUE: dict[str, Callable[[Question, Result, Item | None], Any]] = {
    "choices": _choice_value,
    "rating": _plain("rating"),
    "number": _plain("number"),
    "textarea": _text_value,
    "pairwise": _plain("selected"),
    "ranker": _ranker_value,
}

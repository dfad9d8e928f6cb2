"""Which column is which: our names, those of other tools' exports, or what the caller says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from middlemost.errors import InputError, Place, SettingError
from middlemost.files.table import Table

# In the order of preference. crowd-kit: task, worker (once performer), label; Label Studio: id, annotator;
# Mechanical Turk: HITId, WorkerId; the rest are words in common use.
KNOWN: dict[str, list[str]] = {
    "item": ["item", "task", "unit", "hit", "example", "sample", "document", "doc", "instance", "object", "id"],
    "rater": ["rater", "worker", "annotator", "performer", "labeler", "labeller", "coder", "judge", "user"],
    "answer": [
        "answer",
        "label",
        "annotation",
        "response",
        "choice",
        "rating",
        "judgment",
        "judgement",
        "vote",
        "class",
    ],
    "label": ["label", "gold", "truth", "answer", "truelabel", "goldlabel", "groundtruth", "expected", "class"],
    "probability": ["probability", "prob"],
    "question": ["question"],
    "round": ["round"],
    "time": ["time", "timestamp", "createdat", "submittedat"],
    "seconds": ["seconds", "leadtime", "duration", "worktimeinseconds"],
    "drawn": ["drawn"],
    "priority": ["priority"],
}


def find_columns(
    table: Table, needed: Sequence[str], optional: Sequence[str] = (), given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Our name -> the table's name, for all of `needed` and those of `optional` that are there.

    `given` (our name -> the table's) goes before every guess. InputError names what is missing and what is near.
    """
    given = dict(given or {})
    _check_given(table, given, {*needed, *optional})
    found = dict(given)
    for ours in (*needed, *optional):
        if ours not in found:
            column = _guess(table, ours, taken=set(found.values()))
            found |= {ours: column} if column else {}
    if "answer" in needed and "answer" not in found:
        control = _label_studio_control(table.frame.columns, set(found.values()))
        found |= {"answer": control} if control else {}
    missing = [ours for ours in needed if ours not in found]
    if missing:
        raise _missing(table, missing, needed)
    return found


def _guess(table: Table, ours: str, taken: set[str]) -> str | None:
    normal = {_normal(column): column for column in reversed(table.frame.columns) if column not in taken}
    for word in KNOWN[ours]:
        for spelling in (word, f"{word}id") if ours in ("item", "rater") else (word,):
            if spelling in normal:
                return normal[spelling]
    return None


def _normal(column: str) -> str:
    return re.sub(r"[^a-z0-9]", "", column.lower())


def _label_studio_control(columns: list[str], taken: set[str]) -> str | None:
    """Label Studio names the column of answers after its control and puts it between `id` and `annotator`."""
    if not {"id", "annotator", "annotation_id"} <= set(columns):
        return None
    between = [name for name in columns[columns.index("id") + 1 : columns.index("annotator")] if name not in taken]
    return between[0] if len(between) == 1 else None


def _check_given(table: Table, given: Mapping[str, str], known: set[str]) -> None:
    for ours, theirs in given.items():
        if ours not in known:
            raise SettingError(
                f"{ours!r} is not a column that is read here.", mend=f"Known: {', '.join(sorted(known))}."
            )
        if theirs not in table.frame.columns:
            near = get_close_matches(theirs, table.frame.columns, n=1)
            mend = f"Did you mean {near[0]!r}?" if near else f"The columns are: {_listed(table)}."
            raise InputError(f"There is no column {theirs!r}.", place=Place(table.name), mend=mend)


def _missing(table: Table, missing: list[str], needed: Sequence[str]) -> InputError:
    what = " and ".join(missing)
    near = [
        f"{hit[0]!r} for {ours}" for ours in missing if (hit := get_close_matches(ours, table.frame.columns, 1, 0.6))
    ]
    suggestion = f" Perhaps {' and '.join(near)}?" if near else ""
    spelled = f'columns={{"{missing[0]}": "..."}}'
    spelled += f", on the command line --{missing[0]} ..." if "answer" in needed else ""
    header = f"the columns {', '.join(needed)}"
    return InputError(
        f"No column for {what}: the columns are {_listed(table)}.{suggestion}",
        place=Place(table.name, 1 if table.lines else None),
        mend=f"Give the file {header}, or say which is which: {spelled}.",
    )


def _listed(table: Table, most: int = 12) -> str:
    names = [repr(name) for name in table.frame.columns]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")

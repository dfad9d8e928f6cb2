"""Tables of methods. A room lists its methods once; command line, menus, docs and conformance tests read the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from typing import Any, ClassVar, Protocol, TypeVar

from middlemost.errors import SettingError


@dataclass(frozen=True)
class Traits:
    """What a method of a table can do. The conformance tests hold it to this.

    `objective` names what its iterations raise (None: it has none), `intervals` that its results carry them, `gold`
    that `fit` takes known labels, `source` the paper. `abstain`: one answer can be declared to be evidence, but never a
    label; `history`: `fit` takes what is known of raters from elsewhere; `start`: it can begin from an earlier result;
    `predicts`: its results label new items by the same raters, and by others; `ordered`: the order of the
    classes matters to it.
    """

    source: str
    objective: str | None = None
    intervals: bool = False
    gold: bool = False
    abstain: bool = False
    history: bool = False
    start: bool = False
    predicts: bool = False
    ordered: bool = False


class Method(Protocol):
    """A row of a table: a frozen dataclass with a name for the command line and its traits."""

    name: ClassVar[str]
    traits: ClassVar[Traits]


M = TypeVar("M", bound=Method)


class Table(Mapping[str, type[M]]):
    """The methods of one room by name, ours first, then those that other packages add by entry point.

    A package joins with `[project.entry-points."middlemost.aggregators"] my-method = "my_package:MyMethod"`.
    """

    def __init__(self, group: str, rows: tuple[type[M], ...]) -> None:
        self.group, self._own = group, rows

    @cached_property
    def _rows(self) -> dict[str, type[M]]:
        rows: dict[str, type[M]] = {row.name: row for row in self._own}
        for entry in entry_points(group=f"middlemost.{self.group}"):
            loaded: Any = entry.load()
            rows.setdefault(loaded.name, loaded)
        return rows

    def __getitem__(self, name: str) -> type[M]:
        try:
            return self._rows[name]
        except KeyError:
            mend = f"Known: {', '.join(self._rows)}."
            raise SettingError(f"There is no method {name!r} among the {self.group}.", mend=mend) from None

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

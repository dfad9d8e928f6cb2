"""Any table as text columns: CSV, JSON Lines, Parquet or a frame. Ids such as 007 and NA stay what they are."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from middlemost.errors import InputError, Place
from middlemost.files.columnar import readable
from middlemost.files.hugging_face import frame_of, plain
from middlemost.files.label_studio import flatten
from middlemost.files.text import decode, read_bytes

Lines = Callable[[], Sequence[int]]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of text with their names; what is missing is null. `place` finds a row again in its file."""

    name: str
    frame: pl.DataFrame
    lines: Lines | None = None
    rows: NDArray[np.int64] | None = None

    def place(self, row: int, column: str | None = None, value: str | None = None) -> Place:
        """Where row `row` (from 0) came from: a line of a file, or a row of a frame."""
        if self.lines is None:
            return Place(f"{self.name}, row {self.number(row)}", None, column, value)
        return Place(self.name, self.number(row), column, value)

    def number(self, row: int) -> int:
        """The number, from 1, of the line or row that row `row` (from 0) came from."""
        source = row if self.rows is None else int(self.rows[row])
        return source + 1 if self.lines is None else self.lines()[source]

    def sources(self) -> NDArray[np.int64]:
        """For each row, which one of the source it is, from 0."""
        return np.arange(self.frame.height) if self.rows is None else self.rows

    def without_blanks(self) -> Table:
        """The table without rows that hold nothing at all (empty lines, the tail of a spreadsheet)."""
        blank = self.frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
        if not blank.any():
            return self
        return self.only(~blank)

    def only(self, mask: pl.Series) -> Table:
        """The rows for which `mask` is true; `place` still finds each of them."""
        rows = mask.arg_true().to_numpy().astype(np.int64)
        return replace(self, frame=self.frame.filter(mask), rows=rows if self.rows is None else self.rows[rows])


@contextmanager
def located(name: str) -> Iterator[None]:
    """Errors from within are about the file or frame `name`."""
    try:
        yield
    except InputError as error:
        place = replace(error.place or Place(), file=name)
        raise InputError(error.message, place=place, mend=error.mend) from None


def read_table(source: object, wanted: str = "answers") -> Table:
    """A path (csv, tsv, jsonl, json, parquet; text also as .gz) or a frame (Polars, pandas) as a `Table`.

    So is a data set of Hugging Face, at hand or as a folder; of its configs the one that is called `wanted`.
    """
    if (dataset := frame_of(source, wanted)) is not None:
        name, frame = dataset
        return Table(name, as_text(plain(frame)[0], name)).without_blanks()
    if isinstance(source, (str, Path)):
        return _read_file(Path(source)).without_blanks()
    if isinstance(source, pl.LazyFrame):
        source = source.collect()
    if isinstance(source, pl.DataFrame):
        return Table("the frame", as_text(source, "the frame")).without_blanks()
    if hasattr(source, "columns") and hasattr(source, "iloc"):
        return Table("the frame", _from_pandas(source)).without_blanks()
    raise InputError(f"Cannot read a {type(source).__name__}.", mend="Give a path, a Polars frame or a pandas frame.")


def _read_file(path: Path) -> Table:
    data, name = read_bytes(path), str(path)
    if data.startswith(b"PAR1"):
        return Table(name, as_text(_parquet(data, name), name))
    suffixes = {suffix.lower() for suffix in path.suffixes}
    if ".parquet" in suffixes:
        raise InputError("This is not a Parquet file.", place=Place(name), mend="Was the copy finished?")
    text = decode(data, name)
    if suffixes & {".jsonl", ".ndjson", ".json"} or text.lstrip()[:1] in ("{", "["):
        return _json(text, name)
    return _csv(text, name, tab=".tsv" in suffixes)


def _parquet(data: bytes, name: str) -> pl.DataFrame:
    with readable(name):
        return pl.read_parquet(io.BytesIO(data))


def _csv(text: str, name: str, *, tab: bool) -> Table:
    if "\r" in text and "\n" not in text:
        text = text.replace("\r", "\n")
    separator = "\t" if tab else _separator(text)
    header = next(csv.reader([text.split("\n", 1)[0]], delimiter=separator), [])
    try:
        frame = pl.read_csv(text.encode(), infer_schema=False, separator=separator)
    except pl.exceptions.PolarsError as error:
        raise _torn(text, name, separator) or InputError(str(error).split("\n")[0], place=Place(name)) from None
    doubled = {column for column in header if header.count(column) > 1}
    frame = frame.rename({was: was.strip() for was in frame.columns if was.strip() != was and was.strip()})
    if doubled:
        columns = ", ".join(sorted(doubled))
        raise InputError(f"Two columns have the same name: {columns}.", place=Place(name, 1), mend="Rename one.")
    return Table(name, _empty_is_null(frame), lambda: _line_numbers(text, separator))


def _separator(text: str) -> str:
    header = text.split("\n", 1)[0]
    return max(",;\t|", key=lambda candidate: (header.count(candidate), candidate == ","))


def _line_numbers(text: str, separator: str) -> list[int]:
    """The line on which each row after the header begins. Slow, so only for a message."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    next(reader, None)
    starts, line = [], reader.line_num
    for _ in reader:
        starts.append(line + 1)
        line = reader.line_num
    return starts


def _torn(text: str, name: str, separator: str) -> InputError | None:
    """What makes the rows of a CSV file unreadable: a row of another width, or a quotation mark without its partner."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    width, line = len(next(reader, [])), reader.line_num
    try:
        for row in reader:
            if len(row) > width:
                message = f"This row has {len(row)} fields, the header has {width}."
                mend = "Put quotation marks round fields that hold the separator."
                return InputError(message, place=Place(name, line + 1), mend=mend)
            line = reader.line_num
    except csv.Error:
        message = "A quotation mark opens here that is not closed as CSV wants it."
        return InputError(message, place=Place(name, line + 1), mend='Inside quotes, write " as "".')
    return None


def _json(text: str, name: str) -> Table:
    if text.lstrip().startswith("["):
        return _array(text, name)
    numbered = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    lines = [number for number, _ in numbered]
    try:
        rows = json.loads(f"[{','.join(line for _, line in numbered)}]")
    except json.JSONDecodeError:
        raise _unparsable(numbered, name) from None
    if len(rows) != len(lines) or not all(isinstance(row, dict) for row in rows):
        raise _unparsable(numbered, name)
    return Table(name, _from_records(rows, lambda row: Place(name, lines[row])), lambda: lines)


def _array(text: str, name: str) -> Table:
    try:
        rows = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"The JSON breaks here: {error.msg}."
        raise InputError(
            message, place=Place(name, error.lineno, error.colno), mend="Was the export finished?"
        ) from None
    if not all(isinstance(row, dict) for row in rows):
        raise InputError("Expected a list of objects.", place=Place(name))
    return Table(name, _from_records(flatten(rows), lambda row: Place(f"{name}, object {row + 1}")))


def _unparsable(numbered: list[tuple[int, str]], name: str) -> InputError:
    for number, line in numbered:
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            last = number == numbered[-1][0]
            message = "The file breaks off in the middle of this line." if last else f"Not JSON: {error.msg}."
            return InputError(message, place=Place(name, number, error.colno), mend="Was the export finished?")
        if not isinstance(row, dict):
            return InputError('Expected an object, as in {"item": ...}.', place=Place(name, number, value=line))
    return InputError("The lines are not JSON objects.", place=Place(name))


def _from_records(rows: list[dict[str, Any]], place: Callable[[int], Place]) -> pl.DataFrame:
    names = list(dict.fromkeys(key for row in rows for key in row))
    columns = [pl.Series(name, [_plain(row.get(name)) for row in rows], dtype=pl.String) for name in names]
    return _empty_is_null(pl.DataFrame(columns))


def _plain(value: Any) -> str | None:
    """A JSON value as text. A list with one choice is that choice; what is nested stays JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else (None if value != value else repr(value))
    if isinstance(value, list) and len(value) == 1:
        return _plain(value[0])
    return json.dumps(value, ensure_ascii=False) if value else None


def _from_pandas(frame: Any) -> pl.DataFrame:
    columns: dict[str, pl.Series] = {}
    for name in frame.columns:
        values = frame[name].to_numpy()
        plain = values.dtype.kind in "iufb"
        columns[str(name)] = pl.Series(values, nan_to_null=True) if plain else _objects(values)
    return as_text(pl.DataFrame(columns), "the frame")


def _objects(values: Any) -> pl.Series:
    missing = {"nan", "None", "<NA>", "NaT"}
    texts = (value if isinstance(value, str) else str(value) for value in values)
    pairs = zip(texts, values, strict=True)
    plain = [None if text in missing and not isinstance(value, str) else text for text, value in pairs]
    return pl.Series(plain, dtype=pl.String)


def as_text(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """The frame with every column as text, null where it is empty; `name` is for messages."""
    return _empty_is_null(pl.DataFrame([_text_column(column, name) for column in frame.get_columns()]))


def _text_column(column: pl.Series, name: str) -> pl.Series:
    """A column of any type as text; whole floats lose their `.0`, since they are codes that went through a NaN."""
    if column.dtype.is_float():
        column = column.fill_nan(None)
        column = column.cast(pl.Int64) if whole(column.drop_nulls()) else column
    if column.dtype.is_nested():
        column = pl.Series(column.name, [_plain(value) for value in column.to_list()], dtype=pl.String)
    try:
        return column.cast(pl.String)
    except pl.exceptions.PolarsError:
        message = f"A column of {column.dtype} cannot be read as text."
        raise InputError(message, place=Place(name, column=column.name)) from None


def whole(column: pl.Series) -> bool:
    """Whether floats are all whole numbers, and so codes."""
    return bool(((column == column.round()) & (column.abs() < 2**53)).all())


def _empty_is_null(frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col(pl.String)
    # What is blank begins with a space or less, or beyond ASCII; to look for that costs a tenth of stripping it all.
    suspect = frame.select((text < "!").any() | (text > "~~").any())
    if not any(column.item() for column in suspect.get_columns()):
        return frame
    return frame.with_columns(pl.when(text.str.strip_chars() != "").then(text))

"""Data sets of Hugging Face: at hand, saved with `save_to_disk`, or as a folder of Parquet files as on the Hub.

Polars reads what is on disk; the package `datasets` is not needed for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl
import yaml

from middlemost.errors import InputError, Place
from middlemost.files.columnar import readable
from middlemost.files.json_lines import parsed
from middlemost.files.text import decode, read_bytes

CARD, STATE, SPLITS = "README.md", "state.json", "dataset_dict.json"
AT_HAND = "the data set"
_SPLIT = re.compile(r"(?:^|[^a-z])(train|validation|valid|dev|test)(?:[^a-z]|$)")
Frames = dict[str, pl.DataFrame]


def frame_of(source: object, wanted: str) -> tuple[str, pl.DataFrame] | None:
    """(its name, the rows) of a data set at hand or the folder of one; None where `source` is neither.

    Of several configs it is the one called `wanted`, the only one, or the one that is loaded unasked. Several splits
    follow each other, with their name in a column `split`. Codes of classes are their names.
    """
    if isinstance(source, (str, Path)):
        folder = Path(source)
        return (str(folder), _stacked(str(folder), _folder(folder, wanted))) if folder.is_dir() else None
    if isinstance(source, Mapping) and source and all(map(_is_dataset, source.values())):
        return AT_HAND, _stacked(AT_HAND, {str(name): _at_hand(one) for name, one in source.items()})
    return (AT_HAND, _at_hand(source)) if _is_dataset(source) else None


def plain(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The frame without the columns that hold files (images, sound), and the names of these."""
    files = [name for name, kind in frame.schema.items() if "Binary" in str(kind)]
    return frame.drop(files), files


def _is_dataset(source: object) -> bool:
    return hasattr(source, "features") and type(source).__module__.partition(".")[0] == "datasets"


def _at_hand(source: Any) -> pl.DataFrame:
    if not hasattr(source, "num_rows"):
        raise InputError("A data set that streams is not at hand.", mend="Load it without streaming=True.")
    frame = source.to_polars()
    return _named(AT_HAND, frame, source.features.to_dict())


def _folder(folder: Path, wanted: str) -> Frames:
    if (folder / SPLITS).is_file():
        listed = _object(folder / SPLITS).get("splits")
        names = [_inside(folder / SPLITS, one) for one in (listed if isinstance(listed, list) else [])]
        return {name: _saved(folder / name) for name in names}
    if (folder / STATE).is_file():
        return {"": _saved(folder)}
    return _published(folder, wanted)


def _saved(folder: Path) -> pl.DataFrame:
    """What `save_to_disk` writes: streams of Arrow."""
    listed = _object(folder / STATE).get("_data_files")
    parts = [one.get("filename") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    files = [folder / _inside(folder / STATE, name) for name in parts]
    features = _object(folder / "dataset_info.json").get("features")
    frames = []
    for file in files:
        with readable(str(file), "Arrow"):
            frames.append(pl.read_ipc_stream(file))
    frame = _joined(str(folder), frames)
    return _named(str(folder), frame, features if isinstance(features, dict) else {})


def _published(folder: Path, wanted: str) -> Frames:
    """Parquet files, as the head of README.md lists them, or else all that there are."""
    configs = _configs(folder)
    files = _listed(folder, _chosen(folder, configs, wanted)) if configs else _found(folder)
    if not any(files.values()):
        message = "This is a folder, not a file, and there is no data set in it."
        raise InputError(message, place=Place(str(folder)), mend="Give a file, or a folder with Parquet files.")
    return {split: _joined(str(folder), [_parquet(one) for one in some]) for split, some in files.items() if some}


def _configs(folder: Path) -> list[dict[str, Any]]:
    path = folder / CARD
    if not path.is_file():
        return []
    text = decode(read_bytes(path), str(path))
    parts = text.split("\n---", 1)
    if not text.startswith("---\n") or len(parts) < 2:
        return []
    try:
        head = yaml.safe_load(parts[0].removeprefix("---\n"))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(str(path), mark.line + 2 if mark else None)
        raise InputError("The head of the card is not YAML.", place=place, mend="Look at what is there.") from None
    configs = head.get("configs") if isinstance(head, dict) else None
    return [one for one in configs if isinstance(one, dict)] if isinstance(configs, list) else []


def _chosen(folder: Path, configs: Sequence[dict[str, Any]], wanted: str) -> Any:
    by_name = {str(one.get("config_name")): one for one in configs}
    unasked = [one for one in configs if one.get("default") is True]
    found = by_name.get(wanted) or (configs[0] if len(configs) == 1 else None) or (unasked[0] if unasked else None)
    if found is None:
        message = f"This data set has several configs: {', '.join(by_name)}."
        raise InputError(message, place=Place(str(folder / CARD)), mend="Give one of its Parquet files.")
    return found.get("data_files")


def _listed(folder: Path, data_files: Any) -> dict[str, list[Path]]:
    entries = data_files if isinstance(data_files, list) else [data_files]
    files: dict[str, list[Path]] = {}
    for one in entries:
        split, paths = (one.get("split", "train"), one.get("path")) if isinstance(one, dict) else ("train", one)
        for pattern in paths if isinstance(paths, list) else [paths]:
            files.setdefault(str(split), []).extend(_matching(folder, pattern))
    return files


def _matching(folder: Path, pattern: object) -> list[Path]:
    place = Place(str(folder / CARD), value=str(pattern))
    if not isinstance(pattern, str) or not pattern or _leads_out(pattern):
        raise InputError("This is no path in the folder.", place=place, mend="Name files of the data set.")
    found = sorted(one for one in folder.glob(pattern) if one.is_file())
    if not found:
        raise InputError("There is no such file.", place=place, mend="Was the data set downloaded whole?")
    if any(one.suffix != ".parquet" for one in found):
        raise InputError("Of a folder, only Parquet files are read.", place=place, mend="Give the file itself.")
    return found


def _found(folder: Path) -> dict[str, list[Path]]:
    files: dict[str, list[Path]] = {}
    for one in sorted(folder.rglob("*.parquet")):
        split = _SPLIT.search(one.relative_to(folder).as_posix().lower())
        files.setdefault(split.group(1) if split else "train", []).append(one)
    return files


def _parquet(path: Path) -> pl.DataFrame:
    with readable(str(path)):
        frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
        written = pl.read_parquet_metadata(path).get("huggingface")
    return _named(str(path), frame, _features(written))


def _features(written: str | None) -> Mapping[str, Any]:
    """The features that `datasets` writes into its Parquet files."""
    try:
        features = json.loads(written)["info"]["features"] if written else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return features if isinstance(features, dict) else {}


def _named(name: str, frame: pl.DataFrame, features: Mapping[str, Any]) -> pl.DataFrame:
    """The frame with the names of classes instead of their codes."""
    columns = []
    for column in frame.get_columns():
        classes, repeated = _classes(features.get(column.name))
        if classes is not None:
            column = _decoded(name, column, classes, repeated)
        columns.append(column)
    return pl.DataFrame(columns)


def _classes(feature: Any) -> tuple[list[str] | None, bool]:
    inner = feature.get("feature") if isinstance(feature, dict) else None
    repeated = isinstance(inner, dict)
    given = inner if repeated else feature
    if isinstance(given, dict) and given.get("_type") == "ClassLabel" and isinstance(given.get("names"), list):
        return [str(one) for one in given["names"]], repeated
    return None, False


def _decoded(name: str, column: pl.Series, classes: Sequence[str], repeated: bool) -> pl.Series:

    def named(code: int | None) -> str | None:
        return None if code is None or code < 0 else classes[code]  # -1: not labelled

    try:
        if repeated:
            lists = [None if some is None else [named(one) for one in some] for some in column.to_list()]
            return pl.Series(column.name, lists, dtype=pl.List(pl.String))
        return pl.Series(column.name, [named(code) for code in column.to_list()], dtype=pl.String)
    except (IndexError, TypeError):
        place = Place(name, column=column.name)
        raise InputError(
            "A code is of no class of this column.", place=place, mend="Save the data set again."
        ) from None


def _stacked(name: str, frames: Frames) -> pl.DataFrame:
    """Splits one after the other."""
    if not frames:
        raise InputError("There is no data set in this folder.", place=Place(name), mend="Save the data set again.")
    if len(frames) == 1:
        return next(iter(frames.values()))
    named = (one if "split" in one else one.with_columns(split=pl.lit(split)) for split, one in frames.items())
    return _joined(name, list(named))


def _joined(name: str, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    if not frames:
        raise InputError("The data set has no files.", place=Place(name), mend="Save it again.")
    try:
        return frames[0] if len(frames) == 1 else pl.concat(frames, how="vertical_relaxed")
    except pl.exceptions.PolarsError:
        message = "The files of this data set have different columns."
        raise InputError(message, place=Place(name), mend="Give one of them, or the folder of one split.") from None


def _object(path: Path) -> dict[str, Any]:
    given = parsed(decode(read_bytes(path), str(path)), str(path))
    if not isinstance(given, dict):
        raise InputError("Expected an object.", place=Place(str(path)), mend="Save the data set again.")
    return given


def _inside(file: Path, name: object) -> str:
    """The name of a file or folder beside `file`."""
    if not isinstance(name, str) or name in ("", ".", "..") or "/" in name or "\\" in name:
        place = Place(str(file), value=str(name))
        raise InputError("This is no name of a file in the folder.", place=place, mend="Save the data set again.")
    return name


def _leads_out(pattern: str) -> bool:
    path = PurePosixPath(pattern)
    return path.is_absolute() or ".." in path.parts or "://" in pattern or "\\" in pattern


def records(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows as JSON has them: times are texts, what is missing is left out."""
    for row in frame.iter_rows(named=True):
        yield {name: _value(value) for name, value in row.items() if value is not None}


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _value(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_value(one) for one in value]
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)

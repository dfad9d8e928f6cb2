"""Exports that are made while nobody waits: files in the project's folder `exports`, kept for a week."""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from middlemost.core.nouns import Person
from middlemost.errors import InputError, MissingError, Place, SettingError, StateError
from middlemost.files.exports import EXPORTS, FORMATS
from middlemost.files.zipped import pack, pack_folder
from middlemost.project import jobs
from middlemost.project.export import require_format, write
from middlemost.project.folder import Project
from middlemost.project.jobs import GoneError, Job, Jobs, Made, Work, still_held
from middlemost.project.release import release
from middlemost.store import jobs as stored

KIND = "export"
FOLDER = "exports"
RELEASE = "release"
ALL = (*FORMATS, RELEASE)
KEPT_SECONDS = 7 * 86_400.0
LONGEST_NAME = 40

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_OURS = re.compile(r".+-export-\d+\.\w+")
_SUFFIXES = {"jsonl": ".jsonl", "csv": ".csv", "parquet": ".parquet", "doccano": ".jsonl", "hugging-face": ".zip"}
_SAID = {
    "csv": "A row an answer to one question, for programs; to a spreadsheet bring it in as text.",
    "jsonl": "The same, an object a line.",
    "parquet": "The same in columns, small and quick to read.",
    "label-studio": "Tasks with annotations, and the labelling configuration.",
    "doccano": "A line an item and rater, with the answers to one question.",
    "argilla": "Records with each rater’s responses, and their settings.",
    "hugging-face": "A data set with its card, as the library of Hugging Face loads it; for publishing.",
    RELEASE: "The data set with its labels, procedure and datasheet; the same project gives the same bytes.",
}


def sentence(format: str) -> str:
    """What is in a format, in one sentence."""
    if format in _SAID:
        return _SAID[format]
    return (EXPORTS[format].__doc__ or format).strip().partition("\n")[0]


def ask_for_export(project: Project, format: str, *, by: Person | None = None, key: str | None = None) -> Job:
    """Have the project written in a format; it is made by the server, and the job says how far that has come.

    The same `key` again gives the same export. InputError for an unknown format, StateError for a key of another
    request, TooManyError where many are being made.
    """
    try:
        require_format(format, ALL)
    except SettingError as error:
        raise InputError(error.message, place=Place(column="format"), mend=error.mend) from None
    return jobs.ask(project, KIND, {"format": format}, by, key or uuid4().hex)


def export_of(project: Project, number: int) -> Job:
    """One export. MissingError if there is none of this number, or not any more."""
    return jobs.job(project, KIND, number)


def exports(project: Project, before: int | None = None, most: int = 50) -> Jobs:
    """Exports, newest first."""
    return jobs.jobs(project, KIND, before, most)


def file_of(project: Project, number: int) -> Path:
    """Where the file of an export lies. StateError while there is none; MissingError if it is not on this machine."""
    job = export_of(project, number)
    if job.state == "failed":
        raise StateError(f"Export {number} has failed: {job.outcome}", mend="Ask for it once more.")
    if job.file is None:
        raise StateError(f"Export {number} is not made yet.", mend="Ask again in some seconds.")
    path = project.folder / FOLDER / job.file
    if not path.is_file():
        mend = "Where several machines serve the project, ask the one that made it; or export once more."
        raise MissingError(f"The file of export {number} is not on this machine.", mend=mend)
    return path


def make_export(project: Project, work: Work) -> Made:
    """Write what a job asks for; see `jobs.work_once`. StateError where the disk is full: nothing of it stays."""
    folder, name = project.folder / FOLDER, _name(project, work.job)
    with _scratch(folder, work) as scratch:
        part, left = _written(project, work, scratch)
        _reach_disk(part)
        size, name = part.stat().st_size, name + part.suffix
        if work.lost.is_set() or not still_held(project, work):
            work.lost.set()
            raise GoneError
        os.replace(part, folder / name)
        _reach_disk(folder)
    return Made(name, size, "; ".join(f"left out: {one}" for one in left) or None)


def _written(project: Project, work: Work, scratch: Path) -> tuple[Path, tuple[str, ...]]:
    """One file in `scratch`, and what could not be taken along."""
    wanted, name = str(work.job.settings["format"]), slug(project.name)
    if wanted == RELEASE:
        inside = f"{name}-release"
        release(project, scratch / inside)
        work.tell(0, None)
        pack_folder(scratch / f"{name}.zip", scratch / inside, inside)
        return scratch / f"{name}.zip", ()
    done = write(project, wanted, scratch / (name + _SUFFIXES.get(wanted, ".json")), work.tell)
    work.tell(done.items, done.items)
    if len(done.files) == 1:
        return done.files[0], done.left
    pack(scratch / f"{name}.zip", {one.name: one for one in done.files})
    return scratch / f"{name}.zip", done.left


@contextmanager
def _scratch(folder: Path, work: Work) -> Iterator[Path]:
    """A folder for what is not whole yet: removed in the end, and first what an earlier try has left of this job."""
    part = folder / f".{work.job.id}-{work.worker}.part"
    try:
        folder.mkdir(exist_ok=True)
        _remove_parts(folder, work.job.id)
        part.mkdir()
        yield part
    except FileNotFoundError:  # removed by one who took us for dead
        work.lost.set()
        raise GoneError from None
    except OSError as error:
        raise StateError(_disk(error), mend="Make room, or mend the disk; then ask for it once more.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _disk(error: OSError) -> str:
    if error.errno in _NO_ROOM:
        return "There is no room for it on the server’s disk. What was written of it is removed; nothing else is lost."
    return f"It cannot be written: {error.strerror}. Nothing is lost."


def tidy(project: Project) -> None:
    """Forget exports that ended a week ago, and remove their files; those too whose job a backup put back has not."""
    now = project.store.clock()
    if project.store.read(stored.any_ended, KIND, before=now - KEPT_SECONDS):
        for name in project.store.write(stored.drop, KIND, before=now - KEPT_SECONDS, now=now):
            (project.folder / FOLDER / name).unlink(missing_ok=True)
    for path in (project.folder / FOLDER).glob("*"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - KEPT_SECONDS and (_OURS.fullmatch(path.name) or _is_part(path)):
                _remove(path)


def remove_debris(project: Project) -> None:
    """Remove what is left of exports that nobody works on, as when the server was killed."""
    folder = project.folder / FOLDER
    for path in folder.glob(".*.part"):
        number = int(path.name[1:].partition("-")[0]) if _is_part(path) else None
        if number is not None and not project.store.read(stored.is_open, number):
            _remove(path)


def _is_part(path: Path) -> bool:
    return re.fullmatch(r"\.\d+-.+\.part", path.name) is not None


def _remove_parts(folder: Path, number: int) -> None:
    for path in folder.glob(f".{number}-*.part"):
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _name(project: Project, job: Job) -> str:
    return f"{slug(project.name)}-export-{job.id}"


def slug(name: str) -> str:
    """A project's name as the name of a file, in letters that every system takes.

    >>> slug("Grüße: Comment review!"), slug("評価")
    ('grusse-comment-review', 'project')
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_NAME].strip("-") or "project"


def _reach_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

"""The images of a project: files in its folder, known by what is in them and not by what they are called."""

from __future__ import annotations

from pathlib import Path

from middlemost.errors import InputError, MissingError, Place
from middlemost.project.folder import Project

_HEAD = 16
_SIGNS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
)


def picture(project: Project, name: str) -> tuple[Path, str]:
    """The image `name` (a path in the project's folder) and its content type.

    MissingError if there is none; InputError for a path that leads out of the folder, or a file that is no PNG, JPEG,
    GIF, WebP or AVIF image.
    """
    path = _inside(project.folder, name)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        raise MissingError(f"There is no image {name!r} in the project's folder.") from None
    kind = next((kind for at, sign, kind in _SIGNS if head[at : at + len(sign)] == sign), None)
    if kind is None:
        mend = "Images are PNG, JPEG, GIF, WebP or AVIF."
        raise InputError(
            "This file is no image that browsers show.", place=Place(column="image", value=name), mend=mend
        )
    return path, kind


def _inside(folder: Path, name: str) -> Path:
    """The path of `name`, links followed, if it stays in the folder."""
    try:
        path = (folder / name).resolve()
        if path.is_relative_to(folder.resolve()):
            return path
    except (OSError, ValueError):  # names that no file system knows: with a NUL, too long
        pass
    raise InputError("This path leads out of the project's folder.", place=Place(column="image", value=name))

"""Style sheets and scripts: this room's, and the two sheets that the report and the desk share."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.staticfiles import StaticFiles

from middlemost.view import pages

HERE = Path(__file__).parent / "static"
SHARED = Path(pages.__file__).parent


class Assets(StaticFiles):
    """The folder `static`, with the shared sheets beside."""

    def __init__(self) -> None:
        super().__init__(directory=HERE)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where the file of this name lies."""
        if path in pages.STYLES:
            file = SHARED / path
            return str(file), file.stat()
        return super().lookup_path(path)

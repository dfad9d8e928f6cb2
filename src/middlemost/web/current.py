"""The project that is served, under the protocol and guidelines that are in force: another process may change them."""

from __future__ import annotations

from middlemost.project.edition import renewed
from middlemost.project.folder import Project


class Current:
    """The project, as every request finds it."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def follow(self) -> bool:
        """Go by what is in force by now; whether that is something new."""
        before, self.project = self.project, renewed(self.project)
        return before is not self.project

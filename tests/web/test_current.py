"""A server under which the protocol changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import sleep

from middlemost.project.folder import Project


def change(folder: Path, old: str, new: str) -> None:
    """As somebody does with the files, and then with any command."""
    path = folder / "protocol.yaml"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    Project.open(folder).close()


def eventually(true: Callable[[], bool]) -> bool:
    return any(true() or sleep(0.05) for _ in range(100))


def test_a_running_server_goes_by_the_protocol_that_is_in_force(joined: Callable, project: Project) -> None:
    ada = joined("Ada")
    before = ada.post("/api/next", json={"want": 2}).json()
    change(project.folder, "      - {id: neither}\n", "      - {id: neither}\n      - {id: warm}\n")
    answered = ada.answer(before["assignments"][0]["id"], "kind")
    assert answered.status_code == 201, answered.text
    assert eventually(lambda: ada.post("/api/next", json={"want": 2}).json()["edition"] != before["edition"])
    assert ada.answer(before["assignments"][1]["id"], "warm").status_code == 201
    lead = joined("Lea", role="lead")
    assert "warm" in lead.get("/desk").text
    assert lead.get("/api/standing").json()["distribution"]["warm"] == 1

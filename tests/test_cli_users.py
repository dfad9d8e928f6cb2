"""`users` on the command line, and what the environment says of a provider."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from middlemost.cli.shared import provider
from middlemost.errors import SettingError
from middlemost.project.folder import Project
from middlemost.project.people import invite, join
from middlemost.project.sign_up import sign_up
from middlemost.web import provider as providers

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(run: Run) -> str:
    """A project at which Ada has joined and Bo has signed up."""
    run("init", "p")
    path = Path("p/protocol.yaml")
    path.write_text("sign_up: approved\n" + path.read_text("utf-8"), "utf-8")
    with Project.open("p") as project:
        join(project, invite(project), "Ada")
        sign_up(project, "Bo", "bo", "oxen weigh more than calves")
    return "p"


def test_users_with_a_folder_lists_them_as_users_list_does(run: Run, folder: str) -> None:
    code, out, _ = run("users", folder)
    assert (code, out.split()) == (0, ["r-001", "rater", "Ada"])
    assert run("users", "list", folder)[1] == out
    for words in ((folder, "--json"), ("--json", folder), ("list", folder, "--json")):
        told = json.loads(run("users", *words)[1])
        assert told == [{"pseudonym": "r-001", "name": "Ada", "role": "rater", "closed": False}]
    assert "let-in" in run("users", "--help")[1]
    code, _, err = run("users", "nowhere")
    assert code == 2
    assert "no project" in err


def test_who_waits_is_listed_let_in_or_declined(run: Run, folder: str) -> None:
    assert run("users", "waiting", folder)[1].split() == ["1", "Bo", "bo"]
    assert json.loads(run("users", "let-in", folder, 1, "--json")[1])["pseudonym"] == "r-002"
    assert run("users", "waiting", folder)[1] == ""
    code, _, err = run("users", "decline", folder, 1)
    assert code == 2
    assert "Nobody waits under the number 1" in err


def test_access_is_taken_away_and_given_back(run: Run, folder: str) -> None:
    assert run("users", "close", folder, "r-001")[0] == 0
    assert "(closed)" in run("users", folder)[1]
    assert run("users", "close", folder, "r-001")[0] == 2
    assert "--again r-001" in run("users", "reopen", folder, "r-001")[1]
    assert "(closed)" not in run("users", folder)[1]


def test_a_provider_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert provider() is None
    monkeypatch.setenv("MIDDLEMOST_OIDC_ISSUER", "https://id.example.org")
    with pytest.raises(SettingError, match="MIDDLEMOST_OIDC_CLIENT_ID is missing"):
        provider()
    monkeypatch.setenv("MIDDLEMOST_OIDC_CLIENT_ID", "us")
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.setenv("MIDDLEMOST_OIDC_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("MIDDLEMOST_URL", "https://labels.example.org")
    assert provider() == providers.Settings(
        "https://id.example.org", "us", "s3cret", None, "https://labels.example.org"
    )


def test_a_server_whose_extra_is_missing_says_which(run: Run, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "find_spec", lambda _: None)
    monkeypatch.setenv("MIDDLEMOST_OIDC_ISSUER", "https://id.example.org")
    monkeypatch.setenv("MIDDLEMOST_OIDC_CLIENT_ID", "us")
    code, _, err = run("serve", folder, "--port", 0)
    assert code == 2
    assert "needs the extra `oidc`" in err
    assert 'pip install "middlemost[oidc]"' in err

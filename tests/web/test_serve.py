"""Starting and stopping."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from middlemost.errors import SettingError, StateError
from middlemost.project.folder import Project
from middlemost.web.serve import listen, serve, serving

SERVE = """
import sys
from middlemost.web.serve import serve
serve(sys.argv[1], port=0, announce=lambda address: print(address.url, address.owner_link, flush=True))
print("ended")
"""


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_server_says_where_it_is_and_ends_in_peace_when_told(project: Project, stop: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", SERVE, project.folder], stdout=subprocess.PIPE, text=True)
    with process:
        url, owner_link = process.stdout.readline().split()
        assert owner_link.startswith(f"{url}/join/")
        assert httpx.get(owner_link).status_code == 200
        process.send_signal(stop)
        assert process.stdout.read().strip() == "ended"
    assert process.returncode == 0


def test_a_port_in_use_is_named_with_a_way_out(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StateError, match=f"Port {port} on 127.0.0.1 is in use") as refused:
            serve(project.folder, port=port)
    assert "--port" in refused.value.mend


def test_impossible_addresses_are_refused() -> None:
    with pytest.raises(SettingError, match="70000 is not a port"):
        listen("127.0.0.1", 70_000)
    with pytest.raises(StateError, match="cannot listen on"):
        listen("203.0.113.7", 8000)


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StateError):
        serve(tmp_path, port=0)


def test_the_server_answers_by_ipv6_too(project: Project) -> None:
    try:
        listen("::1", 0).close()
    except StateError:
        pytest.skip("needs IPv6")
    with serving(project, host="::1") as url:
        assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}

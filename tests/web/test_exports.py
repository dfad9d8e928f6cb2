"""Exports over HTTP: asked for, made beside everything else, loaded; and every table of the desk as CSV."""

from __future__ import annotations

import csv
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Event

import httpx
import polars as pl
import pytest

from middlemost.client import Client as Program
from middlemost.core.nouns import Item
from middlemost.errors import StateError
from middlemost.project import taking_along
from middlemost.project.add import add
from middlemost.project.export import outgoing
from middlemost.project.folder import Project
from middlemost.project.jobs import ask, work_once
from middlemost.project.people import invite
from middlemost.project.review import review
from middlemost.project.taking_along import ALL, KIND, make_export
from middlemost.web.serve import serving

Join = Callable[..., httpx.Client]


@pytest.fixture
def worked(joined: Join, project: Project) -> httpx.Client:
    """Two raters answered everything, and differ on the third item; the client is the lead's."""
    for name in ("Ada", "=Blaise()"):
        rater = joined(name)
        while lent := rater.next():
            for one in lent:
                differs = name == "Ada" and one["item"]["id"] == "i3"
                rater.answer(one["id"], "rude" if differs else "kind").raise_for_status()
                if differs:
                    flag = {"assignment": one["id"], "note": "=cmd|' /C calc'!A0"}
                    rater.post("/api/flags", json=flag, headers={"Idempotency-Key": "flag-of-i3"}).raise_for_status()
    return joined("Grace", role="lead")


def made(client: httpx.Client, format: str, **headers: str) -> dict:
    asked = client.post("/api/exports", json={"format": format}, headers=headers)
    assert asked.status_code == 202, asked.text
    return ended(client, asked.headers["Location"])


def ended(client: httpx.Client, address: str) -> dict:
    deadline = time.monotonic() + 60
    while (told := client.get(address).json())["state"] in ("waiting", "running"):
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
    return told


def file_of(client: httpx.Client, told: dict) -> httpx.Response:
    return client.get(f"/api/exports/{told['id']}/file")


def test_an_export_is_asked_for_watched_and_loaded(worked: httpx.Client, project: Project) -> None:
    told = made(worked, "csv")
    assert (told["state"], told["done"], told["total"], told["tries"], told["by"]) == ("done", 6, 6, 1, "l-001")
    answered = file_of(worked, told)
    assert answered.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answered.headers["Content-Disposition"] == 'attachment; filename="replies-export-1.csv"'
    assert len(answered.content) == told["size"]
    assert pl.read_csv(answered.content)["answer"].to_list() == outgoing(project).table["answer"].to_list()
    part = worked.get(f"/api/exports/{told['id']}/file", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, answered.content[10:20])
    assert [one.name for one in (project.folder / "exports").iterdir()] == ["replies-export-1.csv"]


@pytest.mark.parametrize("format", ALL)
def test_every_format_can_be_had_without_names(worked: httpx.Client, format: str) -> None:
    answered = file_of(worked, made(worked, format))
    assert answered.status_code == 200
    assert b"Blaise" not in answered.content
    if answered.headers["Content-Type"] == "application/zip":
        with zipfile.ZipFile(io.BytesIO(answered.content)) as archive:
            assert archive.testzip() is None
            assert all(b"Blaise" not in archive.read(name) for name in archive.namelist())


def test_a_format_of_several_files_comes_as_one(worked: httpx.Client) -> None:
    with zipfile.ZipFile(io.BytesIO(file_of(worked, made(worked, "label-studio")).content)) as archive:
        assert archive.namelist() == ["replies.json", "replies.json.xml"]
        assert len(json.loads(archive.read("replies.json"))) == 6


def test_the_same_release_has_the_same_bytes(worked: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = file_of(worked, made(worked, "release")).content
    time.sleep(2.1)  # the clock of a ZIP file goes by twos
    assert file_of(worked, made(worked, "release")).content == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        names = archive.namelist()
        assert {"replies-release/DATASHEET.md", "replies-release/manifest.json"} <= set(names)
        assert pl.read_parquet(io.BytesIO(archive.read("replies-release/answers.parquet"))).height == 12


def test_a_request_that_is_sent_again_under_its_key_is_done_once(worked: httpx.Client, joined: Join) -> None:
    key = {"Idempotency-Key": "export-key-1"}
    assert made(worked, "csv", **key)["id"] == made(worked, "csv", **key)["id"] == 1
    refused = worked.post("/api/exports", json={"format": "jsonl"}, headers=key)
    assert (refused.status_code, "another request" in refused.json()["detail"]) == (409, True)
    other = joined("Audrey", role="auditor")
    assert other.post("/api/exports", json={"format": "csv"}, headers=key).status_code == 409
    assert len(worked.get("/api/exports").json()["exports"]) == 1


def test_exports_are_listed_newest_first_page_by_page(worked: httpx.Client) -> None:
    for _ in range(3):
        made(worked, "csv")
    seen, before = [], None
    while True:
        page = worked.get("/api/exports", params={"most": 2} | ({"before": before} if before else {})).json()
        seen += [one["id"] for one in page["exports"]]
        if (before := page["before"]) is None:
            break
    assert seen == [3, 2, 1]


def test_what_cannot_be_done_is_told_in_words(worked: httpx.Client, project: Project) -> None:
    wrong = worked.post("/api/exports", json={"format": "cvs"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "format")
    assert "csv" in wrong.json()["mend"]
    assert worked.get("/api/exports/99").status_code == 404
    assert worked.get("/api/exports/99/file").status_code == 404
    told = made(worked, "csv")
    (project.folder / "exports" / told["file"]).unlink()
    gone = file_of(worked, told)
    assert (gone.status_code, "not on this machine" in gone.json()["detail"]) == (404, True)


def test_an_export_that_fails_says_why_and_leaves_nothing(joined: Join, project: Project) -> None:
    grace = joined("Grace", role="lead")
    told = made(grace, "release")
    assert (told["state"], told["outcome"]) == ("failed", "There are no answers to release yet.")
    refused = file_of(grace, told)
    assert (refused.status_code, "no answers to release" in refused.json()["detail"]) == (409, True)
    assert list((project.folder / "exports").iterdir()) == []
    assert "no answers to release" in grace.get("/desk/export").text


def test_not_more_than_some_are_asked_for_at_once(project: Project, joined: Join) -> None:
    grace = joined("Grace", role="lead")
    for n in range(20):
        project.store.write(lambda one, n=n: one.exec_driver_sql(
            "INSERT INTO job (kind, settings, state, done, made_at, tries, leased_until) "
            f"VALUES ('export', '{{\"format\": \"csv\"}}', 'running', 0, {n}, 1, 1e12)"
        ))  # fmt: skip
    refused = grace.post("/api/exports", json={"format": "csv"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_files_go_with_their_exports_after_a_week(project: Project) -> None:
    now = [time.time()]
    with Project.open(project.folder, clock=lambda: now[0]) as opened:
        ask(opened, KIND, {"format": "csv"}, None, "key of the first")
        assert work_once(opened, {KIND: make_export}, "me", Event())
        folder = opened.folder / "exports"
        (folder / "my own.csv").write_text("stays")
        (folder / "replies-export-77.csv").write_text("of a job that a backup put back has not")
        (folder / ".77-dead.part").mkdir()
        os.utime(folder / "replies-export-77.csv", (0, 0))
        taking_along.tidy(opened)
        taking_along.remove_debris(opened)
        assert sorted(one.name for one in folder.iterdir()) == ["my own.csv", "replies-export-1.csv"]
        now[0] += taking_along.KEPT_SECONDS + 1
        taking_along.tidy(opened)
        assert [one.name for one in folder.iterdir()] == ["my own.csv"]
        assert taking_along.exports(opened).jobs == ()
        assert ask(opened, KIND, {"format": "csv"}, None, "key of the second").id == 2


class Breaking(httpx.HTTPTransport):
    """Breaks off every reply with a file after some bytes, so many times."""

    def __init__(self, breaks: int, after: int) -> None:
        super().__init__()
        self.breaks, self.after, self.ranges = breaks, after, []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        reply = super().handle_request(request)
        if not request.url.path.endswith("/file"):
            return reply
        self.ranges.append(request.headers["Range"])
        if not self.breaks:
            return reply
        self.breaks -= 1
        return httpx.Response(reply.status_code, headers=reply.headers, stream=Torn(reply, self.after))


class Torn(httpx.SyncByteStream):
    def __init__(self, reply: httpx.Response, after: int) -> None:
        self.reply, self.after = reply, after

    def __iter__(self):
        yield next(self.reply.iter_raw(self.after))
        raise httpx.ReadError("the line is dead")

    def close(self) -> None:
        self.reply.close()


def test_the_client_waits_loads_and_goes_on_where_the_line_broke(
    worked: httpx.Client, project: Project, server: str, tmp_path: Path
) -> None:
    line, out = Breaking(2, 1000), tmp_path / "mine.csv"
    with Program.join(f"{server}/join/{invite(project, role='auditor')}", "Audrey", transport=line) as program:
        assert program.export("csv", out) == out
        assert line.ranges == ["bytes=0-", "bytes=1000-", "bytes=2000-"]
        assert out.read_bytes() == file_of(worked, {"id": 1}).content
        (tmp_path / "folder").mkdir()
        assert program.export("release", tmp_path / "folder").name == "replies-export-2.zip"
    assert [one.name for one in tmp_path.glob(".*.part")] == []


def test_the_client_says_what_could_not_be_made(project: Project, server: str, tmp_path: Path) -> None:
    link = f"{server}/join/{invite(project, role='lead')}"
    with Program.join(link, "Lea") as program, pytest.raises(StateError, match="no answers to release"):
        program.export("release", tmp_path / "out.zip")


def test_a_server_that_stops_gives_its_job_back_and_the_next_one_does_it(project: Project) -> None:
    stopped = Event()
    stopped.set()
    ask(project, KIND, {"format": "csv"}, None, "a key")
    assert work_once(project, {KIND: make_export}, "one that stops", stopped)
    (job,) = taking_along.exports(project).jobs
    assert (job.state, job.tries) == ("waiting", 0)
    with serving(project):
        deadline = time.monotonic() + 30
        while taking_along.exports(project).jobs[0].state != "done":
            assert time.monotonic() < deadline
            time.sleep(0.05)


# -- the desk's tables


def table(client: httpx.Client, name: str) -> list[dict[str, str]]:
    answered = client.get(f"/api/tables/{name}.csv")
    assert answered.status_code == 200, answered.text
    assert answered.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answered.headers["Content-Disposition"] == f'attachment; filename="{name}.csv"'
    return list(csv.DictReader(io.StringIO(answered.text)))


def test_every_table_of_the_desk_is_there_as_csv(worked: httpx.Client, project: Project) -> None:
    review(project, None, "i3", "rude", "-1 for the tone")
    worked.get("/api/standing")
    assert [(one["rater"], one["answers"]) for one in table(worked, "raters")] == [("r-001", "6"), ("r-002", "6")]
    coefficients = {one["coefficient"]: one for one in table(worked, "agreement")}
    assert coefficients["alpha"]["question"] == "respect"
    assert float(coefficients["percent-agreement"]["value"]) == pytest.approx(5 / 6)
    counts = {one["answer"]: (one["words"], one["times"]) for one in table(worked, "questions")}
    assert counts == {"kind": ("Respectful", "11"), "rude": ("Disrespectful", "1"), "neither": ("neither", "0")}
    (disputed,) = table(worked, "disputed")
    assert (disputed["item"], disputed["decided"], disputed["said kind"]) == ("i3", "rude", "1")
    (decision,) = table(worked, "decisions")
    assert (decision["item"], decision["label"], decision["by"]) == ("i3", "rude", "command line")
    assert table(worked, "pairs") == []
    assert table(worked, "agreement-over-time") == []
    missing = worked.get("/api/tables/rates.csv")
    assert (missing.status_code, "raters" in missing.json()["mend"]) == (404, True)


def test_each_two_raters_are_in_the_table_of_pairs(joined: Join, project: Project) -> None:
    add(project, [Item(f"j{n:02}", f"More, {n}") for n in range(30)])
    lead, people = joined("Grace", role="lead"), [joined(name) for name in ("Ada", "Blaise", "Cyd")]
    busy = True
    while busy:
        busy = False
        for n, rater in enumerate(people):
            for one in rater.next(2):
                busy = True
                rater.answer(one["id"], "rude" if len(one["item"]["text"]) % (n + 2) else "kind")
    lead.get("/api/standing")
    rows = table(lead, "pairs")
    assert rows
    assert list(rows[0]) == ["rater", "and", "kappa", "same_answer", "items_in_common"]
    assert "/api/tables/pairs.csv" in lead.get("/desk/raters").text


def test_what_a_spreadsheet_would_run_is_made_harmless(worked: httpx.Client, project: Project, joined: Join) -> None:
    (flag,) = table(worked, "flags")
    assert flag["note"] == "'=cmd|' /C calc'!A0"
    worked.get("/api/standing")
    assert [one["name"] for one in table(worked, "raters")] == ["Ada", "'=Blaise()"]
    for n, text in enumerate(("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "fine = 1")):
        add(project, [Item(f"x{n}", text)])
    texts = [one["text"] for one in csv.DictReader(io.StringIO(worked.get("/api/items.csv?q=x").text, newline=""))]
    assert texts == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "fine = 1"]


def test_tables_have_names_only_for_those_who_may_see_them(worked: httpx.Client, joined: Join) -> None:
    worked.get("/api/standing")
    for role in ("auditor", "adjudicator"):
        answered = joined(role.title(), role=role).get("/api/tables/raters.csv").text
        assert "Ada" not in answered
        assert "r-001" in answered


def test_an_adjudicator_s_table_of_disputed_items_holds_back_what_was_said(worked: httpx.Client, joined: Join) -> None:
    worked.get("/api/standing")
    (row,) = table(joined("Judith", role="adjudicator"), "disputed")
    assert (row["item"], row["said kind"], row["label"], row["confidence"]) == ("i3", "", "", "")


def test_the_desk_links_to_its_tables(worked: httpx.Client) -> None:
    worked.get("/api/standing")
    today, raters = worked.get("/desk").text, worked.get("/desk/raters").text
    for name in ("questions", "agreement", "raters", "disputed", "flags"):
        assert f'href="/api/tables/{name}.csv"' in today
    assert 'href="/api/tables/raters.csv"' in raters

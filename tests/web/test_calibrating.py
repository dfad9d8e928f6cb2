"""Calibration rounds and feedback over HTTP: what raters are sent while a round is open, what leads send."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from middlemost.client import Client
from middlemost.errors import MissingError, StateError
from middlemost.project.folder import Project
from middlemost.project.people import invite

FILE = {"name": "round.csv", "text": "id,text,label,why\nx,An item.,kind,A secret reason.\n"}
ABOUT = {"name": "November", "purpose": "We part on irony."}


def judge(client: httpx.Client, task: int, value: str, key: str | None = None) -> httpx.Response:
    body = {"exercise": task, "value": value}
    return client.post("/api/calibration/answers", json=body, headers={"Idempotency-Key": key or str(uuid4())})


def test_a_rater_is_sent_neither_what_is_right_nor_what_others_said(joined: Callable) -> None:
    ada, bob, lead = joined("Ada Lovelace"), joined("Bob"), joined("Lea", role="lead")
    made = lead.post("/api/calibrations", json=ABOUT | {"file": FILE})
    assert made.status_code == 201
    task = ada.post("/api/calibration/next").json()["task"]["id"]
    first = judge(ada, task, "rude", "a key of my own")
    assert first.json() == judge(ada, task, "rude", "a key of my own").json()
    assert first.json()["course"] == {"where": "calibrated", "done": 1, "total": 1, "late": False}
    for path in ("/calibration", "/rate", "/feedback", "/api/own-feedback"):
        for said in ("secret", "Lovelace", "r-001"):
            assert said not in bob.get(path).text, (path, said)
    sent = bob.post("/api/calibration/next").text
    assert "secret" not in sent
    assert '"label"' not in sent
    lead.post("/api/calibrations/1/close", json={"feedback": True})
    (told,) = bob.get("/api/own-feedback").json()["feedback"]
    assert told["parts"][0]["others"] == {"respect": {"Disrespectful": 1}}
    assert "r-001" not in str(told)
    assert "Lovelace" not in lead.get("/api/calibrations/1").text


def test_next_says_that_a_round_waits_and_gives_nothing_before_one_that_goes_first(joined: Callable) -> None:
    ada, lead = joined("Ada"), joined("Lea", role="lead")
    lead.post("/api/calibrations", json=ABOUT | {"sample": 1, "first": True})
    batch = ada.post("/api/next", json={"want": 3}).json()
    assert batch["assignments"] == []
    assert batch["calibration"] == ABOUT | {"number": 1, "first": True, "done": 0, "total": 1}
    judge(ada, ada.post("/api/calibration/next").json()["task"]["id"], "kind")
    batch = ada.post("/api/next", json={"want": 3}).json()
    assert (len(batch["assignments"]), batch["calibration"], batch["unread"]) == (3, None, 0)
    lead.post("/api/calibrations/1/close", json={"feedback": True})
    assert ada.post("/api/next", json={"want": 3}).json()["unread"] == 1
    assert ada.get("/calibration", follow_redirects=False).headers["location"] == "/feedback"


def test_an_answer_after_the_end_is_taken_and_called_late(joined: Callable) -> None:
    ada, lead = joined("Ada"), joined("Lea", role="lead")
    lead.post("/api/calibrations", json=ABOUT | {"sample": 1})
    task = ada.post("/api/calibration/next").json()["task"]["id"]
    lead.post("/api/calibrations/1/close", json={"feedback": False})
    late = judge(ada, task, "kind")
    assert (late.status_code, late.json()["course"]["late"]) == (200, True)
    found = lead.get("/api/calibrations/1").json()
    assert (found["late"], found["raters"][0]["done"], found["agreement"]) == (1, 0, [])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"sample": 1, "disputed": 1}, "in one way"),
        ({"file": {"name": "../evil.csv", "text": "text\nx\n"}}, "pattern"),
        ({"file": {"name": "r.csv", "text": "text,label\nx,kindd\n"}}, "(line 2)"),
        ({"sample": 7}, "only 6 items"),
        ({"sample": 1, "raters": ["r-009"]}, "r-009"),
    ],
)
def test_what_cannot_be_begun_is_a_problem_in_words(joined: Callable, body: dict, said: str) -> None:
    joined("Ada")
    lead = joined("Lea", role="lead")
    refused = lead.post("/api/calibrations", json=ABOUT | body)
    assert 400 <= refused.status_code < 500
    assert said in refused.json()["detail"]
    assert "middlemost-" not in refused.text
    assert lead.get("/api/calibrations").json() == {"rounds": []}


def test_a_program_goes_through_a_round_by_the_client(server: str, project: Project) -> None:
    def come(role: str) -> Client:
        return Client.join(f"{server}/join/{invite(project, role=role)}", role.title())  # type: ignore[arg-type]

    with come("rater") as ada, come("lead") as lead:
        number = lead.calibrate("November", "We part on irony.", sample=2)
        while task := ada.judge_next()["task"]:
            ada.judge(task["id"], "kind")
        item = lead.calibration(number)["items"][0]["id"]
        lead.say(number, item, "rude", "Section 2.")
        lead.close_calibration(number, feedback=True)
        assert [one["feedback"] for one in lead.calibrations()] == [True]
        with pytest.raises(StateError, match="closed"):
            lead.close_calibration(number, feedback=True)
        lead.tell("r-001", "Well done.")
        note, told = ada.feedback()
        assert (note["note"], told["calibration"]) == ("Well done.", "November")
        ada.acknowledge(told["number"])
        assert ada.feedback()[1]["read_at"] is not None
        with pytest.raises(MissingError):
            ada.acknowledge(99)


def test_the_desk_s_page_is_sent_again_only_where_the_round_has_changed(joined: Callable) -> None:
    ada, lead = joined("Ada"), joined("Lea", role="lead")
    lead.post("/api/calibrations", json=ABOUT | {"sample": 1})
    mark = lead.get("/desk/rounds/1").headers["etag"]
    assert lead.get("/desk/rounds/1", headers={"If-None-Match": mark}).status_code == 304
    judge(ada, ada.post("/api/calibration/next").json()["task"]["id"], "kind")
    assert lead.get("/desk/rounds/1", headers={"If-None-Match": mark}).status_code == 200
    assert lead.get("/desk/rounds/99").status_code == 404

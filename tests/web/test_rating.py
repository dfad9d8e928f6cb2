"""What the rater's page asks of the server."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from middlemost.project.folder import Project
from middlemost.project.progress import progress


def test_items_are_lent_ahead_and_asking_again_lends_the_same(joined: Callable) -> None:
    ada = joined("Ada")
    first, again = ada.next(4), ada.next(4)
    assert [one["item"]["text"] for one in first] == [f"Reply number {n}" for n in (1, 2, 3, 4)]
    assert [one["id"] for one in again] == [one["id"] for one in first]
    assert all(one["expires_in"] > 0 for one in first)


def test_an_answer_is_acknowledged_once_it_is_in_the_store(joined: Callable, project: Project) -> None:
    ada = joined("Ada")
    taken = ada.answer(ada.next()[0]["id"], "kind")
    assert taken.status_code == 201
    assert taken.json() == {"answer": taken.json()["answer"], "kept": "counted", "revision": 1}
    assert progress(project).answers == 1


def test_a_retry_with_the_same_key_makes_no_second_answer(joined: Callable, project: Project) -> None:
    ada = joined("Ada")
    lent = ada.next()[0]["id"]
    first, retry = ada.answer(lent, "kind", "key-of-one"), ada.answer(lent, "kind", "key-of-one")
    assert (first.status_code, retry.status_code) == (201, 200)
    assert first.json() == retry.json()
    assert progress(project).answers == 1


def test_the_last_answer_is_taken_back_and_corrected(joined: Callable) -> None:
    ada = joined("Ada")
    one, two, *_ = ada.next()
    ada.answer(one["id"], "kind")
    ada.answer(two["id"], "rude")
    back = ada.post("/api/take-back", json={}).json()["assignment"]
    assert (back["id"], back["given"]) == (two["id"], "rude")
    assert ada.answer(two["id"], "neither").json()["revision"] == 2
    assert ada.post("/api/take-back", json={"before": two["id"]}).json()["assignment"]["id"] == one["id"]
    assert ada.post("/api/take-back", json={"before": one["id"]}).json()["assignment"] is None


def test_a_skipped_item_does_not_come_again(joined: Callable) -> None:
    ada = joined("Ada")
    skipped = ada.next(1)[0]
    assert ada.post("/api/skips", json={"assignment": skipped["id"], "reason": "cut off"}).status_code == 200
    assert skipped["item"]["id"] not in {one["item"]["id"] for one in ada.next(6)}


def test_progress_counts_what_is_done_and_what_is_left(joined: Callable) -> None:
    ada = joined("Ada")
    ada.answer(ada.next()[0]["id"], "kind")
    assert ada.get("/api/progress").json() == {"done": 1, "left": 5}
    told = ada.post("/api/next", json={"want": 1}).json()
    assert (told["done"], told["left"]) == (1, 5)


def test_two_raters_at_once_fill_every_place_and_never_more(joined: Callable, project: Project) -> None:
    def work(rater) -> int:
        n = 0
        while lent := rater.next(2):
            for one in lent:
                n += rater.answer(one["id"], "kind").status_code == 201
        return n

    raters = [joined(name) for name in ("Ada", "Blaise", "Carl")]
    with ThreadPoolExecutor(3) as pool:
        given = list(pool.map(work, raters))
    counted = progress(project)
    assert (sum(given), counted.answers, counted.complete) == (12, 12, 6)


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/api/answers", {"assignment": 1, "value": "purple"}, "purple"),
        ("/api/answers", {"assignment": 10**6, "value": "kind"}, None),
        ("/api/answers", {"assignment": "x", "value": "kind"}, "assignment"),
        ("/api/skips", {"assignment": 1, "reason": ""}, "reason"),
        ("/api/next", {"want": 0}, "want"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_reason(
    joined: Callable, path: str, body: dict, said: str | None
) -> None:
    ada = joined("Ada")
    ada.next()
    refused = ada.post(path, json=body, headers={"Idempotency-Key": "some-key-1"})
    assert refused.status_code in {404, 422}
    assert refused.headers["content-type"] == "application/problem+json"
    told = refused.json()
    assert told["status"] == refused.status_code
    assert told["detail"]
    assert said is None or said in told["detail"] + (told.get("mend") or "")


def test_an_answer_without_a_key_is_refused(joined: Callable) -> None:
    ada = joined("Ada")
    refused = ada.post("/api/answers", json={"assignment": ada.next()[0]["id"], "value": "kind"})
    assert refused.status_code == 422
    assert "Idempotency-Key" in refused.json()["detail"]


def test_one_rater_cannot_answer_what_is_lent_to_another(joined: Callable) -> None:
    ada, blaise = joined("Ada"), joined("Blaise")
    assert blaise.answer(ada.next()[0]["id"], "kind").status_code in {403, 404}


def test_raters_learn_nothing_of_each_other(joined: Callable) -> None:
    ada, blaise = joined("Ada"), joined("Blaise")
    ada.answer(ada.next()[0]["id"], "rude")
    assert set(blaise.next()[0]) == {"id", "item", "round", "expires_at", "expires_in", "given"}
    assert blaise.next()[0]["given"] is None
    assert "Ada" not in blaise.get("/rate").text

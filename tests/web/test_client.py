"""The Python client, on a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from middlemost.client import Client
from middlemost.errors import (
    AccessError,
    InputError,
    MissingError,
    StateError,
    TooManyError,
    UnavailableError,
)
from middlemost.project.folder import Project
from middlemost.project.people import invite, join
from middlemost.project.progress import progress
from middlemost.project.standing import item_detail
from middlemost.project.tokens import make_token

Come = Callable[..., Client]


@pytest.fixture
def come(server: str, project: Project) -> Iterator[Come]:
    """`come("Ada")` is the client of one who joined by a link."""
    with ExitStack() as stack:
        yield lambda name, role="rater", **settings: stack.enter_context(
            Client.join(f"{server}/join/{invite(project, role=role)}", name, **settings)
        )


class Losing(httpx.HTTPTransport):
    """Passes every request on, and loses the first `lost` replies to answers, or from another `path`."""

    def __init__(self, lost: int, path: str = "/api/answers") -> None:
        super().__init__()
        self.lost, self.path = lost, path

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        reply = super().handle_request(request)
        if request.url.path == self.path and self.lost:
            self.lost -= 1
            reply.close()
            raise httpx.ReadError("the line is dead")
        return reply


def test_a_rater_answers_skips_flags_and_corrects(come: Come, project: Project) -> None:
    ada = come("Ada")
    assert ada.session()["pseudonym"] == "r-001"
    first, second, third = ada.next(3)
    assert (first.item, first.text) == ("i1", "Reply number 1")
    receipt = ada.answer(first, "kind", active_ms=900)
    assert (receipt.kept, receipt.revision) == ("counted", 1)
    ada.flag(second, "An odd one.")
    ada.skip(second, "broken")
    ada.answer(third, {"respect": "rude"})
    back = ada.take_back(before=third)
    assert back is not None
    assert (back.item, back.given) == ("i1", "kind")
    assert ada.answer(back, "neither").revision == 2
    assert [one["item"] for one in ada.own_answers()] == ["i1", "i3"]
    assert ada.progress()["done"] == 2


def test_a_lost_reply_is_asked_for_again_and_the_answer_counts_once(come: Come, project: Project) -> None:
    ada = come("Ada", transport=Losing(2))
    receipt = ada.answer(ada.next(1)[0], "kind")
    assert receipt.revision == 1
    assert progress(project).answers == 1


def test_a_decision_whose_reply_is_lost_is_made_once(come: Come, project: Project) -> None:
    lea = come("Lea", "lead", transport=Losing(2, "/api/reviews"))
    assert lea.decide("i1", "kind", "says so")["label"] == "kind"
    assert len(item_detail(project, "i1").decisions) == 1


def test_who_has_no_patience_is_told_at_once(come: Come) -> None:
    ada = come("Ada", transport=Losing(99), patience=0)
    with pytest.raises(UnavailableError, match="does not answer"):
        ada.answer(ada.next(1)[0], "kind")


def test_a_lead_watches_decides_invites_and_sets_priorities(come: Come, project: Project) -> None:
    ada, bob, lea = come("Ada"), come("Bob"), come("Lea", "lead")
    for rater, label in ((ada, "kind"), (bob, "rude")):
        rater.answer(rater.next(1)[0], label)
    assert [one["item"] for one in lea.items("complete")] == ["i1"]
    assert len(list(lea.items())) == 6
    assert lea.standing()["progress"]["answers"] == 2
    assert lea.decide("i1", "kind", "says so")["scripted"] is True
    assert [one["item"] for one in lea.items("decided")] == ["i1"]
    assert lea.prioritise({"i6": 5}) == 1
    assert lea.raters({"r-001": {"language": "en"}}) == {"r-001": {"language": "en"}}
    with Client.join(lea.invite(role="rater"), "Cyd") as cyd:
        assert cyd.next(1)[0].item == "i6"


def test_a_token_acts_within_its_scope(server: str, project: Project) -> None:
    person = join(project, invite(project, role="lead"), "Lea").person
    with Client(server, token=make_token(project, person, "watch", ["read"])) as watch:
        assert watch.standing()["progress"]["items"] == 6
        with pytest.raises(AccessError, match="scope"):
            watch.decide("i1", "kind", "no")
    with Client(server, token="mm_nobody") as nobody, pytest.raises(AccessError) as refused:
        nobody.standing()
    assert not refused.value.signed_in


def test_what_the_server_refuses_is_the_library_s_own_error(come: Come, server: str) -> None:
    ada, lea = come("Ada"), come("Lea", "lead")
    with pytest.raises(InputError, match="none of the options") as wrong:
        ada.answer(ada.next(1)[0], "polite")
    assert wrong.value.place is not None
    assert wrong.value.place.column == "respect"
    assert wrong.value.mend
    with pytest.raises(MissingError):
        ada.answer(999, "kind")
    with pytest.raises(AccessError):
        ada.standing()
    ada.answer(ada.next(1)[0], "kind", key="the same key")
    with pytest.raises(StateError, match="another answer"):
        ada.answer(ada.next(1)[0], "rude", key="the same key")
    with pytest.raises(MissingError):
        lea.decide("no such item", "kind", "why")
    with pytest.raises(MissingError, match="not valid"):
        Client.join(f"{server}/join/nothing", "Eve")


@pytest.mark.parametrize(
    ("status", "kind"), [(429, TooManyError), (503, UnavailableError), (500, UnavailableError), (418, UnavailableError)]
)
def test_a_busy_server_is_asked_again_and_in_the_end_told_of(status: int, kind: type[Exception]) -> None:
    asked = []

    def busy(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, headers={"Retry-After": "0"}, json={"detail": "not now"})

    client = Client("http://server", transport=httpx.MockTransport(busy), patience=0.5)
    with client, pytest.raises(kind, match="not now"):
        client.session()
    assert (len(asked) > 1) == (status in (429, 503))

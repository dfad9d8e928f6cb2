"""Items as Markdown, conversations and images: what raters are given, and what is refused when items are added."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from middlemost.core.nouns import Item
from middlemost.errors import InputError
from middlemost.project.add import add
from middlemost.project.folder import Project

from ..conftest import begun

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TURNS = [{"role": "user", "text": "How heavy?"}, {"role": "assistant", "text": "<b>1,198</b> pounds"}]


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Project]:
    folder = tmp_path / "project"
    (folder / "images").mkdir(parents=True)
    question = '[{id: q, ask: "?", options: [{id: a}, {id: b}]}]'
    protocol = f"name: Shown\nparadigm: prescriptive\nshow: {request.param}\nquestions: {question}\n"
    (folder / "protocol.yaml").write_text(protocol, "utf-8")
    (folder / "guidelines.md").write_text("# Shown\n", "utf-8")
    (folder / "images" / "ox 1.png").write_bytes(PIXEL)
    (folder / "images" / "page.png").write_text("<script>alert(1)</script>")
    (tmp_path / "secret.png").write_bytes(PIXEL)
    with Project.open(begun(folder)) as opened:
        yield opened


def shown(show: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("project", [show], indirect=True)


@shown("markdown")
def test_markdown_becomes_html_and_html_in_it_stays_text(joined: Callable, project: Project) -> None:
    text = "# The ox\n\n**1,198** <img src=x onerror=alert(1)> [go](javascript:alert(1))"
    add(project, [Item("a", text)])
    item = joined("Ada").next(1)[0]["item"]
    assert "<strong>1,198</strong>" in item["html"]
    assert "&lt;img src=x" in item["html"]
    assert "<img" not in item["html"]
    assert 'href="javascript' not in item["html"]
    assert "<strong>1,198</strong>" in joined("Grace", role="lead").get("/desk/items/a").text


@shown("conversation")
def test_a_conversation_is_given_turn_by_turn(joined: Callable, project: Project, tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"id": "a", "turns": [{"role": "user", "text": "How heavy?"}]}\n')
    add(project, path)
    item = joined("Ada").next(1)[0]["item"]
    assert (item["turns"], item["text"]) == ([{"role": "user", "text": "How heavy?"}], "user: How heavy?")
    path.write_text('{"id": "b", "turns": [{"role": "user"}], "text": "x"}\n')
    with pytest.raises(InputError, match=r"items\.jsonl, line 1.*no conversation.*needs `turns`"):
        add(project, path)


@shown("conversation")
def test_html_in_a_conversation_is_shown_as_text_on_the_desk(joined: Callable, project: Project) -> None:
    add(project, [Item("a", "x", {"turns": TURNS})])
    assert "&lt;b&gt;1,198&lt;/b&gt;" in joined("Grace", role="lead").get("/desk/items/a").text


@shown("image")
def test_an_image_comes_from_the_project_s_folder_to_those_who_are_signed_in(
    joined: Callable, project: Project, visitor
) -> None:
    add(project, [Item("a", "an ox", {"image": "images/ox 1.png"})])
    ada = joined("Ada")
    address = ada.next(1)[0]["item"]["image"]
    assert address == "/files/images/ox%201.png"
    got = ada.get(address)
    assert (got.status_code, got.headers["content-type"], got.content) == (200, "image/png", PIXEL)
    assert got.headers["cache-control"] == "private, max-age=86400"
    assert ada.get(address, headers={"If-None-Match": got.headers["etag"]}).status_code in {200, 304}
    assert visitor.get(address).status_code == 401


@shown("image")
@pytest.mark.parametrize(
    "name",
    ["../secret.png", "..%2fsecret.png", "images/../../secret.png", "%2e%2e/secret.png", "/etc/hostname", "a%00b"],
)
def test_no_path_leads_out_of_the_folder(joined: Callable, project: Project, name: str) -> None:
    assert joined("Ada").get(f"/files/{name}").status_code in {404, 422}


@shown("image")
@pytest.mark.parametrize("name", ["middlemost.db", "protocol.yaml", "images/page.png", "images", "images/none.png"])
def test_nothing_but_images_is_given_out(joined: Callable, project: Project, name: str) -> None:
    assert joined("Ada").get(f"/files/{name}").status_code in {404, 422}


@shown("image")
@pytest.mark.parametrize(
    ("image", "says"),
    [
        ("images/none.png", "no image"),
        ("../secret.png", "leads out"),
        ("images/page.png", "no image that browsers show"),
        (None, "no image"),
    ],
)
def test_an_item_without_its_image_is_refused_with_its_line(
    project: Project, tmp_path: Path, image: str | None, says: str
) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"id": "a", "text": "x", "image": "images/ox 1.png"}\n')
    written = f', "image": "{image}"' if image else ""
    with path.open("a") as file:
        file.write(f'{{"id": "b", "text": "y"{written}}}\n')
    with pytest.raises(InputError, match=rf"items\.jsonl, line 2.*{says}"):
        add(project, path)
    (project.folder / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(InputError, match="leads out"):
        add(project, [Item("c", "x", {"image": "link.png"})])

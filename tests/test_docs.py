"""Every example in the README and the documentation runs as it stands, page by page, in an empty folder."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from threading import Timer

import pytest

import middlemost as mm
from middlemost.core.questions import QUESTIONS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)

LABEL_STUDIO = """<View><Text name="t" value="$text"/><Choices name="kind" toName="t"><Choice value="ox"/>
<Choice value="cow"/></Choices></View>"""
SAID = {"from_name": "kind", "to_name": "t", "type": "choices", "value": {"choices": ["ox"]}}
EXPORT = [{"id": 1, "data": {"text": "It pulls."}, "annotations": [{"id": 1, "completed_by": 2, "result": [SAID]}]}]


DOCCANO = '{"id": 1, "text": "It pulls.", "label": ["ox"]}\n{"id": 2, "text": "It eats.", "label": ["cow"]}\n'
ARGILLA_SETTINGS = {
    "fields": [{"name": "text", "settings": {"type": "text"}}],
    "questions": [
        {"name": "kind", "settings": {"type": "label_selection", "options": [{"value": "ox"}, {"value": "cow"}]}}
    ],
}
ARGILLA = [{"id": "1", "fields": {"text": "It pulls."}, "responses": {"kind": [{"value": "ox", "user_id": "u1"}]}}]


LISTENING = """
import json, sys
shared = {"__name__": "__main__"}
for line in sys.stdin:
    exec(json.loads(line), shared)
    print("\\n\\0", flush=True)
"""


class Session:
    """An interpreter in `folder` that does one block after another and remembers what they made."""

    def __init__(self, folder: Path) -> None:
        self.errors = tempfile.TemporaryFile("a+")  # noqa: SIM115 - it is closed with the session
        command = [sys.executable, "-c", LISTENING]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.errors}
        self.process = subprocess.Popen(command, cwd=folder, text=True, **pipes)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        self.errors.close()

    def run(self, code: str) -> None:
        patience = Timer(120, self.process.kill)
        patience.start()
        try:
            print(json.dumps(code), file=self.process.stdin, flush=True)
            done = any(line == "\0\n" for line in self.process.stdout)
        finally:
            patience.cancel()
        if not done:
            self.errors.seek(0)
            pytest.fail(f"{code}\n{self.errors.read()}")


def run_console(text: str, folder: Path) -> None:
    """Run each line that starts with `$ middlemost`; a line below it is output and not compared."""
    for line in re.findall(r"^\$ (middlemost .*)$", text, re.MULTILINE):
        words = shlex.split(line, comments=True)
        done = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        answer_as_the_expert(folder / "check-these.csv")


def answer_as_the_expert(check_these: Path) -> None:
    """Fill in the labels that a report asks for, as the reader of the page is told to."""
    if not check_these.exists():
        return
    with check_these.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with mm.example("anaesthetists-consensus").open(encoding="utf-8", newline="") as file:
        known = {row["item"]: row["label"] for row in csv.DictReader(file)}
    with check_these.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"label": known[row["item"]]} for row in rows)


@pytest.fixture
def folder(tmp_path):
    """What the pages take for granted: a file of answers, and a file of items."""
    shutil.copyfile(mm.example("anaesthetists"), tmp_path / "answers.csv")
    (tmp_path / "labels.xml").write_text(LABEL_STUDIO)
    (tmp_path / "export.json").write_text(json.dumps(EXPORT))
    with zipfile.ZipFile(tmp_path / "doccano.zip", "w") as archive:
        archive.writestr("ada.jsonl", DOCCANO)
    (tmp_path / "records.json").write_text(json.dumps(ARGILLA))
    (tmp_path / "settings.json").write_text(json.dumps(ARGILLA_SETTINGS))
    for name in ("training", "test", "controls"):
        (tmp_path / f"{name}.csv").write_text(f"text,label\nAn item for {name}.,yes\n")
    (tmp_path / "items.jsonl").write_text('{"id": "c-1", "text": "Well said."}\n{"id": "c-2", "text": "Go home."}\n')
    return tmp_path


LONGEST = {"project.md"}  # its examples start the command line some fifty times
RUN = [pytest.param(page, id=page.name, marks=pytest.mark.long if page.name in LONGEST else ()) for page in PAGES]


@pytest.mark.parametrize("page", RUN)
def test_every_example_on_the_page_runs(page, folder):
    """Python blocks of a page share one session; console blocks run where they stand, between them."""
    with Session(folder) as session:
        for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            run_console(text, folder) if kind == "console" else session.run(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_of_the_repository_leads_somewhere(page):
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_type_of_question_is_documented_with_its_example_and_has_its_module(name: str) -> None:
    text = (ROOT / "docs" / "project.md").read_text("utf-8")
    assert f"### {name}\n" in text
    assert f"```yaml\n{QUESTIONS[name].example}```" in text
    module = ROOT / "src" / "middlemost" / "web" / "static" / "questions" / f"{name}.js"
    assert "export function mount(spec, host" in module.read_text("utf-8")

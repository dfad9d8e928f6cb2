"""Projects in the states that pages show, each in two scripts, and the people who look at them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from middlemost.core.nouns import Item, Submission
from middlemost.project.add import add
from middlemost.project.answer import answer
from middlemost.project.exercises import add_exercises
from middlemost.project.flag import flag
from middlemost.project.folder import Project
from middlemost.project.next import next_assignments, skip
from middlemost.project.panel import invite_panel
from middlemost.project.people import SignedIn, invite, join
from middlemost.project.review import review

from ..conftest import begun

LATIN = {
    "name": "Replies to a long, long Danube-Steamship-Company thread",
    "ask": "Is this reply respectful to the person it answers?",
    "yes": "Respectful",
    "no": "Disrespectful",
    "hint": "an insult, section 2",
    "why": "Why?",
    "heat": "How heated is it?",
    "text": "Nobody who has read the report could write this.",
    "guide": "# Respect\n\nRead *all* of it.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[More](https://example.org)\n",
    "person": "Ada Lovelace",
}
ARABIC = {
    "name": "ردود على النقاش الطويل",
    "ask": "هل هذا الرد محترم تجاه الشخص الذي يجيبه؟",
    "yes": "محترم",
    "no": "غير محترم",
    "hint": "إهانة، القسم ٢",
    "why": "لماذا؟",
    "heat": "ما مدى حدته؟",
    "text": "لا أحد قرأ التقرير يمكنه أن يكتب هذا (v2.0).",
    "guide": "# الاحترام\n\nاقرأ *كل* شيء.\n\n## القسم ٢\n\nالإهانات.\n",
    "person": "آدا لوفليس",
}
N = 6
RULES = {
    "plain": "  rest_every_minutes: 50\n",
    "limited": "  limits: {a_day: 1}\n",
    "learning": "  qualification: {training: true, test: {pass: 0.5, items: 2, wait_hours: 1}}\n",
    "harmful": "",
    "described": "",
}


def protocol(world: str, words: dict[str, str]) -> str:
    said = {name: json.dumps(text, ensure_ascii=False) for name, text in words.items()}
    harm = f"harm: {{warning: {said['text']}, help: {said['name']}, cover: all}}\n" if world == "harmful" else ""
    return f"""\
name: {said["name"]}
paradigm: {"descriptive" if world == "described" else "prescriptive"}
questions:
  - id: respect
    ask: {said["ask"]}
    options: [{{id: kind, label: {said["yes"]}}}, {{id: rude, label: {said["no"]}, hint: {said["hint"]}}}]
  - {{id: why, type: text, ask: {said["why"]}, required: no}}
  - {{id: heat, type: scale, ask: {said["heat"]}, min: 1, max: 7, required: no, anchors: {{1: {said["yes"]}}}}}
{harm}collection:
  answers_per_item: 400
{RULES[world]}"""


@dataclass
class World:
    """A project with a history, and `come(who)` for new people in a state of theirs."""

    project: Project
    words: dict[str, str]

    @classmethod
    def made(cls, folder: Path, name: str, words: dict[str, str]) -> World:
        folder.mkdir(parents=True)
        (folder / "protocol.yaml").write_text(protocol(name, words), "utf-8")
        (folder / "guidelines.md").write_text(words["guide"], "utf-8")
        project = Project.open(begun(folder))
        long = " ".join([words["text"]] * 30)
        add(project, [Item(f"item-{n}", long if n == N - 1 else f"{words['text']} {n}") for n in range(N)])
        world = cls(project, words)
        if name == "learning":
            world.add_exercises()
        else:
            world.make_history(decided=name != "described")
        return world

    def add_exercises(self) -> None:
        for stage in ("training", "test"):
            file = self.project.folder / f"{stage}.jsonl"
            rows = [{"text": f"{self.words['text']} {n}", "label": "kind", "why": self.words["hint"]} for n in range(2)]
            file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
            add_exercises(self.project, **{stage: file})

    def make_history(self, *, decided: bool) -> None:
        """Some raters agree and disagree, skip and flag; a lead has decided on one item."""
        for number in range(3):
            rater = self.rater().person
            for lent in next_assignments(self.project, rater, N):
                flag(self.project, rater, lent.id, self.words["text"], uuid4().hex)
                if number == 2 and lent.item.id == "item-1":
                    skip(self.project, rater, lent.id, self.words["hint"])
                else:
                    self.say(rater, lent.id, "kind" if number < 2 else "rude")
        if decided:
            gold = self.project.folder / "gold.csv"
            gold.write_text("item,label\nitem-2,kind\nitem-3,kind\n")
            add(self.project, [], gold, drawn="random")
            review(self.project, self.come("lead").person, "item-0", "kind", self.words["text"])

    def say(self, rater, assignment: int, value: str) -> None:
        page = {"respect": value, "why": self.words["text"], "heat": 3}
        answer(self.project, rater, Submission(assignment, page, uuid4().hex))

    def rater(self) -> SignedIn:
        return join(self.project, invite(self.project), self.words["person"])

    def come(self, who: str) -> SignedIn:
        """Somebody new: a role, or a rater who has answered `some` or `all` there is."""
        if who not in {"some", "all"}:
            return join(self.project, invite(self.project, role=who), self.words["person"])  # type: ignore[arg-type]
        session = self.rater()
        for lent in next_assignments(self.project, session.person, N)[: 2 if who == "some" else N]:
            self.say(session.person, lent.id, "kind")
        return session

    def links(self) -> dict[str, str]:
        """What stands for a link in the addresses of the matrix."""
        panel = invite_panel(self.project, "prolific", uses=9, code="C1ABC")
        made: dict[str, Callable[[], str]] = {
            "rater": lambda: invite(self.project, rounds=2),
            "named": lambda: invite(self.project, name=self.words["person"]),
            "lead": lambda: invite(self.project, role="lead"),
            "again": lambda: invite(self.project, person=self.rater().person),
            "panel": lambda: f"{panel}?PROLIFIC_PID={uuid4().hex}&STUDY_ID=s&SESSION_ID=1",
            "nobody": lambda: panel,
        }
        return {name: make() for name, make in made.items()}

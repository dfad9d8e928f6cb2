"""Who may do what: one table, obeyed by every command, page and address."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Role: TypeAlias = Literal["owner", "lead", "adjudicator", "rater", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)

# answer: be lent items, and see one's own answers. read: see everything that was collected. decide: fix an item's
# label. invite: make links, take access away, see names and what is said of raters, set priorities. hold: the same for
# owners.
Right: TypeAlias = Literal["answer", "read", "decide", "invite", "hold"]
RIGHTS: tuple[Right, ...] = get_args(Right)

MAY: dict[Role, frozenset[Right]] = {
    "owner": frozenset({"read", "decide", "invite", "hold"}),
    "lead": frozenset({"read", "decide", "invite"}),
    "adjudicator": frozenset({"read", "decide"}),
    "rater": frozenset({"answer"}),
    "auditor": frozenset({"read"}),
}
# Whom each role may let in.
MAY_INVITE: dict[Role, tuple[Role, ...]] = {
    "owner": ROLES,
    "lead": ("lead", "adjudicator", "rater", "auditor"),
    "adjudicator": (),
    "rater": (),
    "auditor": (),
}
# What a pseudonym begins with: r-001.
LETTER: dict[Role, str] = {"owner": "o", "lead": "l", "adjudicator": "j", "rater": "r", "auditor": "a"}
WHAT_FOR: dict[Role, str] = {
    "owner": "owner, who holds the project",
    "lead": "lead, who sees all answers, decides and invites",
    "adjudicator": "adjudicator, who sees all answers and decides",
    "rater": "rater",
    "auditor": "auditor, who sees everything and changes nothing",
}

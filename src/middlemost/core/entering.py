"""What people go to a provider for, to come back known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Purpose: TypeAlias = Literal["sign in", "sign up", "join", "connect"]


@dataclass(frozen=True)
class Errand:
    """What somebody went to the provider for. `name`: how they are to be called; `person`: who is to be connected."""

    purpose: Purpose
    name: str | None = None
    person: int | None = None

"""Checks of the methods' settings."""

from __future__ import annotations

import math

from middlemost.errors import SettingError


def whole(**settings: int) -> None:
    """Raise SettingError unless each is a whole number from 1 up.

    >>> whole(max_iter=0)
    Traceback (most recent call last):
    middlemost.errors.SettingError: max_iter is 0. It is a whole number from 1 up.
    """
    for name, value in settings.items():
        if value < 1:
            raise SettingError(f"{name} is {value}.", mend="It is a whole number from 1 up.")


def not_negative(**settings: float) -> None:
    """Raise SettingError unless each is a number from 0 up."""
    for name, value in settings.items():
        if not (value >= 0 and math.isfinite(value)):
            raise SettingError(f"{name} is {value}.", mend="It is a number from 0 up.")


def positive(**settings: float) -> None:
    """Raise SettingError unless each is a number above 0."""
    for name, value in settings.items():
        if not (value > 0 and math.isfinite(value)):
            raise SettingError(f"{name} is {value}.", mend="It is a number above 0.")

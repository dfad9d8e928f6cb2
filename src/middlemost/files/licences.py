"""Licences by the names under which machines know them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Licence:
    """A licence: its SPDX identifier, and what Hugging Face calls it."""

    spdx: str
    hugging_face: str

    @property
    def url(self) -> str:
        """Its page at SPDX."""
        return f"https://spdx.org/licenses/{self.spdx}.html"


_PLAIN = """
CC0-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-BY-NC-2.0 CC-BY-NC-3.0 CC-BY-NC-4.0
CC-BY-ND-4.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-2.0 CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0 Apache-2.0 MIT
BSD-2-Clause BSD-3-Clause CDLA-Sharing-1.0 CDLA-Permissive-1.0 CDLA-Permissive-2.0
""".split()
_OTHERWISE = {"ODbL-1.0": "odbl", "ODC-By-1.0": "odc-by", "PDDL-1.0": "pddl"}
_SHORT = {"cc0": "cc010", "odbl": "odbl10", "odcby": "odcby10", "pddl": "pddl10", "apache2": "apache20"}


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", re.sub(r"creative commons|licen[cs]e|version", "", name.lower()))


_KNOWN = {_key(one): Licence(one, one.lower()) for one in _PLAIN}
_KNOWN |= {_key(spdx): Licence(spdx, theirs) for spdx, theirs in _OTHERWISE.items()}


def known(name: str | None) -> Licence | None:
    """The licence that people call so, None where it is not one of those that machines know.

    >>> known("CC BY 4.0"), known("the licence of the archive")
    (Licence(spdx='CC-BY-4.0', hugging_face='cc-by-4.0'), None)
    """
    key = _key(name or "")
    return _KNOWN.get(_SHORT.get(key, key))

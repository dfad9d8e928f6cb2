"""middlemost: from people's answers to labels that can be trusted, with how far and why.

>>> import middlemost as mm
>>> answers = mm.read_answers(mm.example("anaesthetists"))
>>> agreement = mm.Alpha().measure(answers)
>>> consensus = mm.conclude(answers)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from middlemost.version import __version__ as __version__

# Public name -> module that defines it. Resolved on first use, so that `import middlemost` stays quick (PEP 562).
_HOMES = {
    "AGGREGATORS": "consensus",
    "Agreement": "core.results",
    "Alpha": "agreement",
    "Answers": "core.answers",
    "COEFFICIENTS": "agreement",
    "Consensus": "core.results",
    "DawidSkene": "consensus",
    "Estimate": "core.estimate",
    "FleissKappa": "agreement",
    "Gold": "core.gold",
    "MajorityVote": "consensus",
    "PercentAgreement": "agreement",
    "Report": "view.report",
    "conclude": "consensus",
    "errors": "",
    "example": "files.examples",
    "read_answers": "files.answers",
    "read_gold": "files.gold",
    "report": "view.report",
}

__all__ = sorted([*_HOMES, "__version__"])

if TYPE_CHECKING:
    from middlemost import errors as errors
    from middlemost.agreement import COEFFICIENTS as COEFFICIENTS
    from middlemost.agreement import Alpha as Alpha
    from middlemost.agreement import FleissKappa as FleissKappa
    from middlemost.agreement import PercentAgreement as PercentAgreement
    from middlemost.consensus import AGGREGATORS as AGGREGATORS
    from middlemost.consensus import DawidSkene as DawidSkene
    from middlemost.consensus import MajorityVote as MajorityVote
    from middlemost.consensus import conclude as conclude
    from middlemost.core.answers import Answers as Answers
    from middlemost.core.estimate import Estimate as Estimate
    from middlemost.core.gold import Gold as Gold
    from middlemost.core.results import Agreement as Agreement
    from middlemost.core.results import Consensus as Consensus
    from middlemost.files.answers import read_answers as read_answers
    from middlemost.files.examples import example as example
    from middlemost.files.gold import read_gold as read_gold
    from middlemost.view.report import Report as Report
    from middlemost.view.report import report as report


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'middlemost' has no attribute {name!r}")
    home = _HOMES[name]
    found = getattr(import_module(f"middlemost.{home}"), name) if home else import_module(f"middlemost.{name}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__

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
    "BWA": "consensus",
    "BrennanPrediger": "agreement",
    "CATD": "consensus",
    "COEFFICIENTS": "agreement",
    "Calibration": "core.results",
    "CohenKappa": "agreement",
    "Concordance": "agreement",
    "CongerKappa": "agreement",
    "Consensus": "core.results",
    "DawidSkene": "consensus",
    "EBCC": "consensus",
    "ESTIMATORS": "consensus.numeric",
    "Estimate": "core.estimate",
    "FastDawidSkene": "consensus",
    "FleissKappa": "agreement",
    "GLAD": "consensus",
    "Gold": "core.gold",
    "GwetAC": "agreement",
    "Huber": "consensus.numeric",
    "IBCC": "consensus",
    "ICC": "agreement",
    "IntraRater": "core.results",
    "KOS": "consensus",
    "KendallW": "agreement",
    "MACE": "consensus",
    "MajorityVote": "consensus",
    "Mean": "consensus.numeric",
    "MeanSpearman": "agreement",
    "Median": "consensus.numeric",
    "NUMERIC_COEFFICIENTS": "agreement",
    "NumericAnswers": "core.numbers",
    "NumericConsensus": "core.results",
    "OneCoin": "consensus",
    "OrdinalDawidSkene": "consensus",
    "PercentAgreement": "agreement",
    "PooledDawidSkene": "consensus",
    "Probabilities": "core.probabilities",
    "RaterModel": "consensus.numeric",
    "Report": "view.report",
    "ScottPi": "agreement",
    "SetConsensus": "consensus.sets",
    "TrimmedMean": "consensus.numeric",
    "Wawa": "consensus",
    "ZenCrowd": "consensus",
    "ZeroBasedSkill": "consensus",
    "conclude": "consensus",
    "conclude_sets": "consensus.sets",
    "confusion_frame": "consensus",
    "errors": "",
    "example": "files.examples",
    "fixed_design": "agreement",
    "intra_rater": "agreement",
    "meaning": "agreement",
    "predict": "consensus",
    "read_answers": "files.answers",
    "read_gold": "files.gold",
    "read_numbers": "files.numbers",
    "read_probabilities": "files.probabilities",
    "read_sets": "files.sets",
    "report": "view.report",
}

__all__ = sorted([*_HOMES, "__version__"])

if TYPE_CHECKING:
    from middlemost import errors as errors
    from middlemost.agreement import COEFFICIENTS as COEFFICIENTS
    from middlemost.agreement import ICC as ICC
    from middlemost.agreement import NUMERIC_COEFFICIENTS as NUMERIC_COEFFICIENTS
    from middlemost.agreement import Alpha as Alpha
    from middlemost.agreement import BrennanPrediger as BrennanPrediger
    from middlemost.agreement import CohenKappa as CohenKappa
    from middlemost.agreement import Concordance as Concordance
    from middlemost.agreement import CongerKappa as CongerKappa
    from middlemost.agreement import FleissKappa as FleissKappa
    from middlemost.agreement import GwetAC as GwetAC
    from middlemost.agreement import KendallW as KendallW
    from middlemost.agreement import MeanSpearman as MeanSpearman
    from middlemost.agreement import PercentAgreement as PercentAgreement
    from middlemost.agreement import ScottPi as ScottPi
    from middlemost.agreement import fixed_design as fixed_design
    from middlemost.agreement import intra_rater as intra_rater
    from middlemost.agreement import meaning as meaning
    from middlemost.consensus import AGGREGATORS as AGGREGATORS
    from middlemost.consensus import BWA as BWA
    from middlemost.consensus import CATD as CATD
    from middlemost.consensus import EBCC as EBCC
    from middlemost.consensus import GLAD as GLAD
    from middlemost.consensus import IBCC as IBCC
    from middlemost.consensus import KOS as KOS
    from middlemost.consensus import MACE as MACE
    from middlemost.consensus import DawidSkene as DawidSkene
    from middlemost.consensus import FastDawidSkene as FastDawidSkene
    from middlemost.consensus import MajorityVote as MajorityVote
    from middlemost.consensus import OneCoin as OneCoin
    from middlemost.consensus import OrdinalDawidSkene as OrdinalDawidSkene
    from middlemost.consensus import PooledDawidSkene as PooledDawidSkene
    from middlemost.consensus import Wawa as Wawa
    from middlemost.consensus import ZenCrowd as ZenCrowd
    from middlemost.consensus import ZeroBasedSkill as ZeroBasedSkill
    from middlemost.consensus import conclude as conclude
    from middlemost.consensus import confusion_frame as confusion_frame
    from middlemost.consensus import predict as predict
    from middlemost.consensus.numeric import ESTIMATORS as ESTIMATORS
    from middlemost.consensus.numeric import Huber as Huber
    from middlemost.consensus.numeric import Mean as Mean
    from middlemost.consensus.numeric import Median as Median
    from middlemost.consensus.numeric import RaterModel as RaterModel
    from middlemost.consensus.numeric import TrimmedMean as TrimmedMean
    from middlemost.consensus.sets import SetConsensus as SetConsensus
    from middlemost.consensus.sets import conclude_sets as conclude_sets
    from middlemost.core.answers import Answers as Answers
    from middlemost.core.estimate import Estimate as Estimate
    from middlemost.core.gold import Gold as Gold
    from middlemost.core.numbers import NumericAnswers as NumericAnswers
    from middlemost.core.probabilities import Probabilities as Probabilities
    from middlemost.core.results import Agreement as Agreement
    from middlemost.core.results import Calibration as Calibration
    from middlemost.core.results import Consensus as Consensus
    from middlemost.core.results import IntraRater as IntraRater
    from middlemost.core.results import NumericConsensus as NumericConsensus
    from middlemost.files.answers import read_answers as read_answers
    from middlemost.files.examples import example as example
    from middlemost.files.gold import read_gold as read_gold
    from middlemost.files.numbers import read_numbers as read_numbers
    from middlemost.files.probabilities import read_probabilities as read_probabilities
    from middlemost.files.sets import read_sets as read_sets
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

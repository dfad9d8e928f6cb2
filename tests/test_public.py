"""The public face: what scripts may rely on."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import middlemost as mm

PINNED = {
    "AGGREGATORS",
    "Agreement",
    "Alpha",
    "Answers",
    "BWA",
    "BrennanPrediger",
    "CATD",
    "COEFFICIENTS",
    "Calibration",
    "CohenKappa",
    "Concordance",
    "CongerKappa",
    "Consensus",
    "DawidSkene",
    "EBCC",
    "ESTIMATORS",
    "Estimate",
    "FastDawidSkene",
    "FleissKappa",
    "GLAD",
    "Gold",
    "GwetAC",
    "Huber",
    "IBCC",
    "ICC",
    "IntraRater",
    "KOS",
    "KendallW",
    "MACE",
    "MajorityVote",
    "Mean",
    "MeanSpearman",
    "Median",
    "NUMERIC_COEFFICIENTS",
    "NumericAnswers",
    "NumericConsensus",
    "OneCoin",
    "OrdinalDawidSkene",
    "PercentAgreement",
    "PooledDawidSkene",
    "Probabilities",
    "RaterModel",
    "Report",
    "ScottPi",
    "SetConsensus",
    "TrimmedMean",
    "Wawa",
    "ZenCrowd",
    "ZeroBasedSkill",
    "__version__",
    "conclude",
    "conclude_sets",
    "confusion_frame",
    "errors",
    "example",
    "fixed_design",
    "intra_rater",
    "meaning",
    "predict",
    "read_answers",
    "read_gold",
    "read_numbers",
    "read_probabilities",
    "read_sets",
    "report",
}


def test_the_public_names_are_these_and_no_others():
    assert set(mm.__all__) == PINNED
    assert set(dir(mm)) == PINNED


@pytest.mark.parametrize("name", sorted(PINNED))
def test_every_public_name_resolves_and_is_documented(name):
    value = getattr(mm, name)
    if inspect.isclass(value) or inspect.isfunction(value) or inspect.ismodule(value):
        assert inspect.getdoc(value)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        getattr(mm, "nonsense")  # noqa: B009


def test_importing_the_package_loads_nothing_heavy():
    heavy = "numpy polars scipy sqlalchemy fastapi jinja2 vl_convert typer pydantic".split()
    code = f"import sys, middlemost; print(*[name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

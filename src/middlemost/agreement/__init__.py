"""Do raters agree? `COEFFICIENTS` and `NUMERIC_COEFFICIENTS` are the tables of this room's methods.

`by_label`, `by_rater`, `by_pair`, `by_group` and `between_groups` say where agreement is lost, `meaning` what a value
says in words, and `fixed_design` takes the part of adaptively collected answers on which agreement is not biased.
"""

from middlemost.agreement.alpha import Alpha
from middlemost.agreement.between import between_groups
from middlemost.agreement.breakdown import by_group, by_label, by_pair, by_rater
from middlemost.agreement.brennan_prediger import BrennanPrediger
from middlemost.agreement.cohen import CohenKappa
from middlemost.agreement.concordance import Concordance
from middlemost.agreement.conger import CongerKappa
from middlemost.agreement.design import fixed_design
from middlemost.agreement.fleiss import FleissKappa
from middlemost.agreement.gwet import GwetAC
from middlemost.agreement.icc import ICC
from middlemost.agreement.intra import intra_rater
from middlemost.agreement.meaning import Meaning, meaning
from middlemost.agreement.measured import Coefficient
from middlemost.agreement.percent import PercentAgreement
from middlemost.agreement.ranks import KendallW, MeanSpearman
from middlemost.agreement.scott import ScottPi
from middlemost.registry import Table

COEFFICIENTS: Table[Coefficient] = Table(
    "coefficients",
    (Alpha, BrennanPrediger, CohenKappa, CongerKappa, FleissKappa, GwetAC, PercentAgreement, ScottPi),
)
NUMERIC_COEFFICIENTS: Table[Coefficient] = Table("numeric-coefficients", (Concordance, ICC, KendallW, MeanSpearman))

__all__ = [
    "COEFFICIENTS",
    "ICC",
    "NUMERIC_COEFFICIENTS",
    "Alpha",
    "BrennanPrediger",
    "Coefficient",
    "CohenKappa",
    "Concordance",
    "CongerKappa",
    "FleissKappa",
    "GwetAC",
    "KendallW",
    "MeanSpearman",
    "Meaning",
    "PercentAgreement",
    "ScottPi",
    "between_groups",
    "by_group",
    "by_label",
    "by_pair",
    "by_rater",
    "fixed_design",
    "intra_rater",
    "meaning",
]

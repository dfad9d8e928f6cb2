"""Do raters agree? `COEFFICIENTS` is the table of this room's methods."""

from middlemost.agreement.alpha import Alpha
from middlemost.agreement.fleiss import FleissKappa
from middlemost.agreement.measured import Coefficient
from middlemost.agreement.percent import PercentAgreement
from middlemost.registry import Table

COEFFICIENTS: Table[Coefficient] = Table("coefficients", (Alpha, FleissKappa, PercentAgreement))

__all__ = ["COEFFICIENTS", "Alpha", "Coefficient", "FleissKappa", "PercentAgreement"]

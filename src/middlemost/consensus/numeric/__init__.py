"""What is the number, and who is good? `ESTIMATORS` is the table of methods for answers that are numbers."""

from middlemost.consensus.numeric.concluded import Estimator
from middlemost.consensus.numeric.huber import Huber
from middlemost.consensus.numeric.ordered_means import Mean, Median, TrimmedMean
from middlemost.consensus.numeric.rater_model import RaterModel
from middlemost.consensus.numeric.score import Distance, distance
from middlemost.registry import Table

ESTIMATORS: Table[Estimator] = Table("estimators", (Huber, Mean, Median, RaterModel, TrimmedMean))

__all__ = ["ESTIMATORS", "Distance", "Estimator", "Huber", "Mean", "Median", "RaterModel", "TrimmedMean", "distance"]

"""What is the label, and who is good? `AGGREGATORS` is the table of this room's methods."""

from middlemost.consensus.conclude import conclude
from middlemost.consensus.concluded import Aggregator
from middlemost.consensus.dawid_skene import DawidSkene
from middlemost.consensus.majority import MajorityVote
from middlemost.consensus.score import accuracy, error_share
from middlemost.registry import Table

AGGREGATORS: Table[Aggregator] = Table("aggregators", (DawidSkene, MajorityVote))

__all__ = ["AGGREGATORS", "Aggregator", "DawidSkene", "MajorityVote", "accuracy", "conclude", "error_share"]

"""What is the label, and who is good? `AGGREGATORS` is the table of this room's methods."""

from middlemost.consensus.bwa import BWA
from middlemost.consensus.catd import CATD
from middlemost.consensus.conclude import conclude
from middlemost.consensus.concluded import Aggregator
from middlemost.consensus.dawid_skene import DawidSkene
from middlemost.consensus.ebcc import EBCC
from middlemost.consensus.fast_dawid_skene import FastDawidSkene
from middlemost.consensus.glad import GLAD
from middlemost.consensus.history import confusion_frame
from middlemost.consensus.ibcc import IBCC
from middlemost.consensus.kos import KOS
from middlemost.consensus.mace import MACE
from middlemost.consensus.majority import MajorityVote
from middlemost.consensus.one_coin import OneCoin, ZenCrowd
from middlemost.consensus.ordinal_dawid_skene import OrdinalDawidSkene
from middlemost.consensus.pooled_dawid_skene import PooledDawidSkene
from middlemost.consensus.predict import predict
from middlemost.consensus.score import accuracy, error_share
from middlemost.consensus.wawa import Wawa
from middlemost.consensus.zero_based_skill import ZeroBasedSkill
from middlemost.registry import Table

AGGREGATORS: Table[Aggregator] = Table(
    "aggregators",
    (
        PooledDawidSkene,
        DawidSkene,
        FastDawidSkene,
        OneCoin,
        ZenCrowd,
        OrdinalDawidSkene,
        MajorityVote,
        MACE,
        GLAD,
        IBCC,
        EBCC,
        BWA,
        CATD,
        KOS,
        ZeroBasedSkill,
        Wawa,
    ),
)

__all__ = [
    "AGGREGATORS",
    "BWA",
    "CATD",
    "EBCC",
    "GLAD",
    "IBCC",
    "KOS",
    "MACE",
    "Aggregator",
    "DawidSkene",
    "FastDawidSkene",
    "MajorityVote",
    "OneCoin",
    "OrdinalDawidSkene",
    "PooledDawidSkene",
    "Wawa",
    "ZenCrowd",
    "ZeroBasedSkill",
    "accuracy",
    "conclude",
    "confusion_frame",
    "error_share",
    "predict",
]

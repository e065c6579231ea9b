"""Data sets: reading, storing, splitting, describing."""

from models.data.dataset import Dataset, Split, SplitName
from models.data.splitting import GivenSplit, SplitOptions, StratifiedSplit

__all__ = [
    "Dataset",
    "GivenSplit",
    "Split",
    "SplitName",
    "SplitOptions",
    "StratifiedSplit",
]

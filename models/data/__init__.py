"""Data sets: loading, splitting, counting."""

from models.data.catalog import DATASETS, UnknownDatasetError, load_dataset
from models.data.dataset import Dataset, Split, SplitName
from models.data.splitting import GivenSplit, SplitOptions, StratifiedSplit

__all__ = [
    "DATASETS",
    "Dataset",
    "GivenSplit",
    "Split",
    "SplitName",
    "SplitOptions",
    "StratifiedSplit",
    "UnknownDatasetError",
    "load_dataset",
]

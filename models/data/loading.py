"""Reading a stored data set: a folder of ``dataset.json`` and arrays ``x``, ``label``, ``index``.

The rows are in the order of their splits, and in that of their files within each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.data.checksums import damaged, verify
from models.data.dataset import Dataset, Split
from models.data.description import read_description


def load(folder: Path, mapped: bool) -> Dataset:
    """Return the folder's data set; where ``mapped``, ``x`` stays in its file until it is used.

    What is read is compared with its checksum; what stays in its file is not.

    Raises:
        DataError: its files are missing or damaged.
    """
    described = read_description(folder)
    verify(folder, "label.npy", "index.npy", *(() if mapped else ("x.npy",)))
    # Copy on write: PyTorch warns of arrays that may not be written to.
    x = _array(folder, "x", "c" if mapped else None)
    rows = Split(x, _array(folder, "label"), _array(folder, "index"))
    if not len(rows.x) == len(rows.label) == len(rows.index) == described.num_rows:
        raise damaged(folder, "x.npy has not as many rows as it should")
    return Dataset(
        id=described.id,
        title=described.title,
        description=described.description,
        image_shape=described.image_shape,
        num_values=described.num_values,
        feature_names=described.feature_names,
        label_names=described.label_names,
        rows=rows,
        counts=described.counts,
    )


def _array(folder: Path, name: str, mmap_mode: Any = None) -> Tensor:
    try:
        array = np.load(folder / f"{name}.npy", mmap_mode=mmap_mode, allow_pickle=False)
        return torch.from_numpy(np.atleast_1d(array))
    except Exception as error:
        # A header is Python source, and numpy raises whatever its parser stumbles over.
        raise damaged(folder, f"{name}.npy is missing or not whole") from error

"""A data set in a folder: ``dataset.json`` and the arrays ``x``, ``label`` and ``index``.

The rows are in the order of their splits, and in that of their files within each.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError
from torch import Tensor

from models.data.dataset import Dataset, Split
from models.data.description import Description
from models.data.errors import DataError

DESCRIPTION = "dataset.json"


def read_description(folder: Path) -> Description:
    """Return what the folder's data set is like.

    Raises:
        DataError: its description is missing or damaged.
    """
    try:
        return Description.model_validate_json((folder / DESCRIPTION).read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError(
            f"The data set in {folder} is damaged: its {DESCRIPTION} cannot be read. Remove that "
            "folder, and add the data set again."
        ) from error


def load(folder: Path, mapped: bool) -> Dataset:
    """Return the folder's data set; where ``mapped``, ``x`` stays in its file until it is used.

    Raises:
        DataError: its files are missing or damaged.
    """
    described = read_description(folder)
    # Copy on write: PyTorch warns of arrays that may not be written to.
    x = _array(folder, "x", "c" if mapped else None)
    rows = Split(x, _array(folder, "label"), _array(folder, "index"))
    if not len(rows.x) == len(rows.label) == len(rows.index) == described.num_rows:
        raise _damaged(folder, "x")
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


def write_description(folder: Path, description: Description) -> None:
    """Write ``dataset.json``; on return it survives a power cut."""
    with (folder / DESCRIPTION).open("wb") as file:
        file.write(description.model_dump_json(indent=1).encode())
        file.flush()
        os.fsync(file.fileno())


def write_array(folder: Path, name: str, array: NDArray[Any]) -> None:
    """Write an array; on return it survives a power cut."""
    with (folder / f"{name}.npy").open("wb") as file:
        np.lib.format.write_array(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())


def _array(folder: Path, name: str, mmap_mode: Any = None) -> Tensor:
    try:
        array = np.load(folder / f"{name}.npy", mmap_mode=mmap_mode, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(folder, name) from error
    return torch.from_numpy(array)


def _damaged(folder: Path, name: str) -> DataError:
    return DataError(
        f"The data set in {folder} is damaged: {name}.npy is missing or not whole. Remove the data "
        "set, and add it again."
    )

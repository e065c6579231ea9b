"""Between a data set's rows and what is shown of them: pictures of bytes, or values."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend.errors import InvalidRequestError
from models.data import Dataset


class Shown(NamedTuple):
    """Rows as they are shown; one of the two is None."""

    images: NDArray[np.uint8] | None
    """(..., h, w) or (..., h, w, 3), 0..255"""
    values: NDArray[np.float32] | None
    """(..., D), of vectors, in the data's own units"""


def shown(rows: Tensor, dataset: Dataset) -> Shown:
    """Return rows (..., D) as pictures, or those of vectors as they are."""
    if dataset.image_shape:
        return Shown(pictures(rows, dataset), None)
    return Shown(None, rows.float().numpy())


def pictures(levels: Tensor, dataset: Dataset) -> NDArray[np.uint8]:
    """Scale levels (..., D) to pictures (..., h, w) or (..., h, w, 3) of bytes, 0..255."""
    scaled = levels.double() * (255.0 / dataset.max_level)
    images: NDArray[np.uint8] = scaled.round().to(torch.uint8).numpy()
    return images.reshape(*images.shape[:-1], *dataset.image_shape)


def read_rows(x: list[Any], dataset: Dataset) -> Tensor:
    """Return what a client sent, pictures of brightness 0..255 or vectors, as rows (n, D).

    Raises:
        InvalidRequestError: a row has another shape, or values that the data set can't have.
    """
    shape = dataset.image_shape or (dataset.num_features,)
    rows = torch.from_numpy(np.stack([_read(row, n, shape) for n, row in enumerate(x)])).flatten(1)
    if not dataset.image_shape:
        return rows
    if not ((rows >= 0) & (rows <= 255)).all():
        raise InvalidRequestError.at("x", "Pixels have a brightness from 0 to 255.")
    return rows * (dataset.max_level / 255.0)


def _read(row: Any, number: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    try:
        # What is too large becomes infinite, and is refused below: nothing for the log.
        with np.errstate(over="ignore"):
            array = np.asarray(row, dtype=np.float32)
    except (TypeError, ValueError):
        array = np.empty(0, np.float32)
    if array.shape != shape:
        raise InvalidRequestError.at(f"x.{number}", _expected(shape))
    if not np.isfinite(array).all():
        raise InvalidRequestError.at(f"x.{number}", "All numbers have to be finite.")
    return array


def _expected(shape: tuple[int, ...]) -> str:
    match shape:
        case (count,):
            return f"A row of this data set is a list of {count} numbers."
        case (height, width):
            return f"A picture of this data set has {height} rows of {width} pixels."
        case _:
            height, width = shape[:2]
            return (
                f"A picture of this data set has {height} rows of {width} pixels, each a list of "
                "red, green and blue."
            )

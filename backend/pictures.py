"""Between a data set's levels and pictures of bytes."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.data import Dataset


def pictures(levels: Tensor, dataset: Dataset) -> NDArray[np.uint8]:
    """Scale levels (..., D) to pictures (..., h, w) of bytes, 0..255."""
    scaled = levels.double() * (255.0 / dataset.max_level)
    images: NDArray[np.uint8] = scaled.round().to(torch.uint8).numpy()
    return images.reshape(*images.shape[:-1], *dataset.image_shape)


def levels(brightness: Tensor, dataset: Dataset) -> Tensor:
    """Scale pictures (n, h, w) of brightness 0..255 to real levels (n, D)."""
    return brightness.flatten(1) * (dataset.max_level / 255.0)

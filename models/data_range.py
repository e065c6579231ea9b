"""The range of a data set's values: what networks, priors and likelihoods scale by."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.data import Dataset

_VALUES = 1 << 22  # looked at in one go: bounds the memory


@dataclass(frozen=True)
class DataShape:
    """What a row of a data set is like."""

    image_shape: tuple[int, ...]
    """(height, width), (height, width, 3), or () for vectors"""
    num_features: int
    """D"""
    num_values: int | None
    """levels 0..num_values-1; None: real numbers"""


@dataclass(frozen=True)
class DataRange(DataShape):
    """The shape of a row and the range of its D values.

    The tensors are ``(D,)`` for real numbers, measured on the training rows, and have no dimension
    for levels, whose range is known. ``(x - offset) / scale`` is what an encoder sees: levels from
    -1 to 1, real numbers with mean 0 and standard deviation 1.
    """

    low: Tensor
    high: Tensor
    offset: Tensor
    scale: Tensor

    @classmethod
    def of(cls, dataset: Dataset) -> DataRange:
        """Return the range of a data set; takes one pass over the training rows of real ones."""
        shape, count = dataset.image_shape, dataset.num_features
        if dataset.num_values is None:
            return cls(shape, count, None, *_measured(dataset.train.x))
        return cls.of_levels(count, dataset.num_values, shape)

    @classmethod
    def of_levels(
        cls, num_features: int, num_values: int, image_shape: tuple[int, ...] = ()
    ) -> DataRange:
        """Return the range of rows of levels."""
        high = torch.tensor(num_values - 1.0)
        middle = high / 2
        return cls(
            image_shape, num_features, num_values, torch.zeros(()), high, middle, middle.clone()
        )

    def register(self, module: nn.Module, *names: str) -> None:
        """Give ``module`` the tensors of those names as buffers.

        Those of real numbers are stored with the weights. Levels say all in ``num_values``, and
        weights of versions that knew nothing else hold no range.
        """
        for name in names:
            # A copy: files of weights refuse tensors that are one and the same.
            buffer = getattr(self, name).clone()
            module.register_buffer(name, buffer, persistent=self.num_values is None)


def _measured(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return minimum, maximum, mean and standard deviation of every column, in two passes."""
    parts = x.split(max(1, _VALUES // x.shape[1]))
    low = torch.stack([part.amin(0) for part in parts]).amin(0).float()
    high = torch.stack([part.amax(0) for part in parts]).amax(0).float()
    mean = torch.stack([part.double().sum(0) for part in parts]).sum(0) / len(x)
    squares = torch.stack([(part.double() - mean).square().sum(0) for part in parts]).sum(0)
    deviation = (squares / len(x)).sqrt()
    # A column that never changes would be divided by 0.
    least = torch.finfo(torch.float32).eps * mean.abs().clamp_min(math.sqrt(1e-30))
    scale = torch.where(deviation > least, deviation, 1.0)
    return low, high, mean.float(), scale.float()

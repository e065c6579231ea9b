"""What every likelihood is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from models.data_range import DataRange, DataShape

Scale = Literal["learned", "predicted"]


class Likelihood(ABC):
    """p(x|z) for a batch of z, a product over the D values of x.

    ``batch`` in the shapes below is that of the z. Worked out from logits and log-sigmoids
    throughout: clamping probabilities would leave the density unnormalised and its gradients dead.
    """

    @property
    @abstractmethod
    def mean(self) -> Tensor:
        """The expected value of x in the data's own units, ``(*batch, D)``."""

    @abstractmethod
    def log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x|z) in nats, summed over the D values: ``(..., D) -> (*batch)``."""

    @abstractmethod
    def pairwise_log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x|z) of each of N rows for each of M z: ``(N, D) -> (M, N)``."""

    @abstractmethod
    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(s,)`` rows for each z, in the data's own units: ``(s, *batch, D)``."""


class LikelihoodHead(nn.Module, ABC):
    """Makes a likelihood of what the decoder's network puts out for each of the D values."""

    outputs: int
    """P, the numbers that the network puts out for each value"""
    pairwise_work: int
    """about how many multiplications ``pairwise_log_prob`` takes for each pair"""
    place_work: int = 0
    """and for each z, however few the rows: what a table of all levels costs"""

    @abstractmethod
    def forward(self, raw: Tensor) -> Likelihood:
        """Turn ``(*batch, D, P)`` into p(x|z)."""

    def measured(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Return the rows of which log p(x) is measured: as a rule ``x`` (N, D) as it is."""
        return x


class LikelihoodOptions(BaseModel, ABC):
    """Options of a likelihood; each subclass narrows ``kind`` to the name in the registry."""

    model_config = ConfigDict(extra="forbid")
    kind: str

    @abstractmethod
    def misfit(self, data: DataShape) -> str | None:
        """Return a sentence on why this does not fit the data; None where it does."""

    @abstractmethod
    def unit(self, data: DataShape) -> str:
        """Return what its values are likelihoods of: only those of the same thing compare."""

    @abstractmethod
    def build(self, data: DataRange) -> LikelihoodHead:
        """Return the head, for data that it fits."""

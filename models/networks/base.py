"""What the options of every network are."""

from __future__ import annotations

from abc import ABC, abstractmethod

from pydantic import BaseModel, ConfigDict
from torch import nn

from models.data_range import DataRange, DataShape


class NetworkOptions(BaseModel, ABC):
    """Options of the networks in encoder and decoder."""

    model_config = ConfigDict(extra="forbid")
    kind: str

    @abstractmethod
    def misfit(self, data: DataShape) -> str | None:
        """Return a sentence on why this does not fit the data; None where it does."""

    @abstractmethod
    def encoder(self, data: DataRange, outputs: int) -> nn.Module:
        """Return a network ``(N, D) -> (N, outputs)``."""

    @abstractmethod
    def decoder(self, data: DataRange, latent_dim: int, outputs: int) -> nn.Module:
        """Return a network ``(..., L) -> (..., D * outputs)``, the outputs of a value together."""

"""Perceptrons."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from torch import nn

from models.data_range import DataRange, DataShape
from models.networks.base import NetworkOptions
from models.nn import Activation, mlp


class MlpOptions(NetworkOptions):
    """The perceptrons of encoder and decoder."""

    model_config = ConfigDict(title="Multi-layer perceptron")
    kind: Literal["mlp"] = "mlp"
    hidden: list[Annotated[int, Field(ge=1, le=4096)]] = Field(
        [256, 256],
        min_length=1,
        max_length=8,
        description="Units in each hidden layer of encoder and decoder.",
    )
    activation: Activation = Field("leaky_relu", description="After each hidden layer.")

    def misfit(self, data: DataShape) -> str | None:
        """Return None: it takes any rows."""
        return None

    def encoder(self, data: DataRange, outputs: int) -> nn.Module:
        """Return D -> hidden -> outputs."""
        return mlp(data.num_features, self.hidden, outputs, self.activation)

    def decoder(self, data: DataRange, latent_dim: int, outputs: int) -> nn.Module:
        """Return L -> hidden -> D * outputs."""
        return mlp(latent_dim, self.hidden, data.num_features * outputs, self.activation)

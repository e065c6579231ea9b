"""Perceptrons."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.nn import Activation


class MlpOptions(BaseModel):
    """The perceptrons of encoder and decoder."""

    model_config = ConfigDict(extra="forbid", title="Multi-layer perceptron")
    kind: Literal["mlp"] = "mlp"
    hidden: list[Annotated[int, Field(ge=1, le=4096)]] = Field(
        [256, 256],
        min_length=1,
        max_length=8,
        description="Units in each hidden layer of encoder and decoder.",
    )
    activation: Activation = Field("leaky_relu", description="After each hidden layer.")

"""Small convolutional networks for images."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.nn import Activation


class ConvolutionalOptions(BaseModel):
    """Convolutions that halve the image, and their mirror image in the decoder."""

    model_config = ConfigDict(extra="forbid", title="Convolutional network")
    kind: Literal["convolutional"] = "convolutional"
    channels: list[Annotated[int, Field(ge=1, le=512)]] = Field(
        [16, 32],
        min_length=1,
        max_length=6,
        description="Channels after each convolution; every one of them halves the image.",
    )
    hidden: list[Annotated[int, Field(ge=1, le=4096)]] = Field(
        [256],
        max_length=8,
        description="Units in each layer between the convolutions and the latent space.",
    )
    activation: Activation = Field("leaky_relu", description="After each hidden layer.")

"""Small convolutional networks for images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor, nn

from models.data_range import DataRange, DataShape
from models.networks.base import NetworkOptions
from models.nn import Activation, activation_layer, mlp

# Four by four with a step of two: every pixel is under as many kernels as its neighbours.
_KERNEL, _STRIDE, _PADDING = 4, 2, 1


class ConvolutionalOptions(NetworkOptions):
    """Convolutions that halve the image, and their mirror image in the decoder."""

    model_config = ConfigDict(title="Convolutional network")
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

    def misfit(self, data: DataShape) -> str | None:
        """Return why these are no images, or too small ones."""
        if not data.image_shape:
            return "Convolutions need images; the rows of this data set are vectors."
        height, width = data.image_shape[:2]
        depth = min(height, width).bit_length() - 1
        if len(self.channels) > depth:
            return (
                f"{len(self.channels)} convolutions would halve an image of {height}×{width} to "
                f"nothing; give {depth} numbers of channels or fewer."
            )
        return None

    def encoder(self, data: DataRange, outputs: int) -> nn.Module:
        """Return D -> channels -> hidden -> outputs."""
        return ConvolutionalEncoder(self, data, outputs)

    def decoder(self, data: DataRange, latent_dim: int, outputs: int) -> nn.Module:
        """Return L -> hidden -> channels -> D * outputs."""
        return ConvolutionalDecoder(self, data, latent_dim, outputs)


def _sizes(shape: Sequence[int], depth: int) -> list[tuple[int, int]]:
    """Return height and width before and after each of ``depth`` convolutions."""
    height, width = shape[:2]
    return [(height >> step, width >> step) for step in range(depth + 1)]


def _num_channels(shape: Sequence[int]) -> int:
    return shape[2] if len(shape) == 3 else 1


class ConvolutionalEncoder(nn.Module):
    """Convolutions, each halving the image (an odd last row or column still counts), then a MLP."""

    def __init__(self, options: ConvolutionalOptions, data: DataRange, outputs: int) -> None:
        super().__init__()
        height, width = data.image_shape[:2]
        self.image = (height, width, _num_channels(data.image_shape))
        layers: list[nn.Module] = []
        channels = self.image[2]
        for wider in options.channels:
            layers += [
                nn.Conv2d(channels, wider, _KERNEL, _STRIDE, _PADDING),
                activation_layer(options.activation),
            ]
            channels = wider
        self.convolutions = nn.Sequential(*layers)
        height, width = _sizes(data.image_shape, len(options.channels))[-1]
        self.dense = mlp(channels * height * width, options.hidden, outputs, options.activation)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, D)`` rows, pixel by pixel and the colours of each together."""
        images = x.unflatten(-1, self.image).permute(0, 3, 1, 2)
        outputs: Tensor = self.dense(self.convolutions(images).flatten(1))
        return outputs


class ConvolutionalDecoder(nn.Module):
    """A MLP, then transposed convolutions, each doubling the image to the size it had before."""

    def __init__(
        self, options: ConvolutionalOptions, data: DataRange, latent_dim: int, outputs: int
    ) -> None:
        super().__init__()
        sizes = _sizes(data.image_shape, len(options.channels))
        self.smallest = (options.channels[-1], *sizes[-1])
        self.outputs = (_num_channels(data.image_shape), outputs)
        width = self.smallest[0] * self.smallest[1] * self.smallest[2]
        self.dense = nn.Sequential(
            mlp(latent_dim, options.hidden, width, options.activation),
            activation_layer(options.activation),
        )
        last = self.outputs[0] * outputs
        layers: list[nn.Module] = []
        channels = options.channels[-1]
        for step, narrower in reversed(list(enumerate([last, *options.channels[:-1]]))):
            # What halving dropped from an odd side.
            odd = sizes[step][0] % 2, sizes[step][1] % 2
            layers += [
                nn.ConvTranspose2d(channels, narrower, _KERNEL, _STRIDE, _PADDING, odd),
                activation_layer(options.activation),
            ]
            channels = narrower
        self.convolutions = nn.Sequential(*layers[:-1])

    def forward(self, z: Tensor) -> Tensor:
        """Map ``(..., L)``."""
        images = self.convolutions(self.dense(z.flatten(0, -2)).unflatten(-1, self.smallest))
        rows = images.unflatten(1, self.outputs).permute(0, 3, 4, 1, 2)
        flat: Tensor = torch.flatten(rows, 1)
        return flat.view(*z.shape[:-1], -1)

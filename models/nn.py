"""Small networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

Activation = Literal["leaky_relu", "relu", "silu", "gelu", "tanh"]

_ACTIVATIONS: dict[Activation, type[nn.Module]] = {
    "leaky_relu": nn.LeakyReLU,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
}


def activation_layer(activation: Activation) -> nn.Module:
    """Return the layer of that name."""
    return _ACTIVATIONS[activation]()


def mlp(
    in_features: int,
    hidden: Sequence[int],
    out_features: int,
    activation: Activation = "leaky_relu",
) -> nn.Sequential:
    """Return a perceptron ``(batch, in_features) -> (batch, out_features)``, linear at the end."""
    layers: list[nn.Module] = []
    for width in hidden:
        layers += [nn.Linear(in_features, width), activation_layer(activation)]
        in_features = width
    layers.append(nn.Linear(in_features, out_features))
    return nn.Sequential(*layers)


def softplus_inverse(value: Tensor) -> Tensor:
    """Return x with softplus(x) = value, for positive values."""
    return value + torch.log(-torch.expm1(-value))

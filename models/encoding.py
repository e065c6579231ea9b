"""Encoding many rows: in parts, so that the memory stays bounded."""

from __future__ import annotations

import torch
from torch import Tensor

from models.distributions import DiagonalGaussian
from models.encoder import Encoder

ROWS = 4096
"""Rows that networks take at once."""


@torch.no_grad()
def encode(encoder: Encoder, x: Tensor) -> DiagonalGaussian:
    """Return q(z|x) of ``(N, D)`` rows on the CPU; ``x`` may be mapped from a file."""
    posteriors = [encoder(part.to(encoder.offset.device)) for part in x.split(ROWS)]
    return DiagonalGaussian(
        torch.cat([posterior.loc.cpu() for posterior in posteriors]),
        torch.cat([posterior.scale.cpu() for posterior in posteriors]),
    )


def evenly(x: Tensor, most: int) -> Tensor:
    """Return at most so many rows of ``x``, evenly spaced; all of them where they are not more."""
    return x[evenly_spaced(len(x), most)] if len(x) > most else x


def evenly_spaced(count: int, most: int) -> Tensor:
    """Return at most ``most`` of the numbers below ``count``, evenly spaced."""
    if count <= most:
        return torch.arange(count)
    return torch.arange(most) * count // most

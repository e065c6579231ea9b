"""How much of q(z) a grid may misplace."""

from __future__ import annotations

import math

import torch
from torch import Tensor

TOO_COARSE = 0.01  # for figures to be told by a grid: the share of q that it may misplace
_HALVINGS = 40


def grid_error(scale: Tensor, step: float, weight: Tensor | None = None) -> float:
    """Return the mean error of integrals over Gaussians on a grid, a share of their mass.

    ``scale`` is (N, L); ``weight`` (N,) sums to 1, and is even without. By Poisson's summation
    formula the rectangle rule with steps h misses at most 2 sum_k exp(-2 (pi k s / h)^2) of a
    Gaussian of scale s, wherever it lies: 5e-9 with h = s, 3e-4 with h = 1.5 s, 1% with h = 2 s.
    Where a few of many Gaussians are narrower than a step, the mean says what that does to q.
    """
    waves = 2.0 * torch.exp(-2.0 * (math.pi * scale.double() / step).square()).sum(-1)
    error = waves.clamp_max(1.0)
    return float(error.mean() if weight is None else error @ weight)


def widest_step(scale: Tensor, error: float) -> float:
    """Return the largest step with which ``grid_error`` is at most ``error``."""
    low, high = scale.min().item(), 10.0 * scale.max().item()
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if grid_error(scale, middle) <= error else (low, middle)
    return low

"""Log densities on a regular grid over a two-dimensional latent space."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from models.distributions import DiagonalGaussian, LatentDistribution

_SAMPLES = 20_000  # so that about 1 in 10,000 of the prior may lie outside a side of the box
_MARGIN = 0.02  # of the box's side, on both ends
_CHUNK = 1 << 14  # grid points at once: bounds the memory of (points, K, L) arrays


class Bounds(NamedTuple):
    """A box in the latent plane."""

    z1_min: float
    z1_max: float
    z2_min: float
    z2_max: float


@torch.no_grad()
def latent_bounds(prior: LatentDistribution, posterior: DiagonalGaussian) -> Bounds:
    """Return a box that holds the prior (about 20,000 draws of it) and the points with 3 scales.

    The same draws every time, so that a run has one box.

    Raises:
        ValueError: the latent space is not a plane.
    """
    _require_plane(prior)
    draws = prior.sample((_SAMPLES,), torch.Generator().manual_seed(0))
    spread = 3.0 * posterior.scale
    points = torch.cat([draws, posterior.loc - spread, posterior.loc + spread])
    low, high = points.amin(0), points.amax(0)
    margin = _MARGIN * (high - low)
    (z1_min, z2_min), (z1_max, z2_max) = (low - margin).tolist(), (high + margin).tolist()
    return Bounds(z1_min, z1_max, z2_min, z2_max)


def latent_grid(bounds: Bounds, resolution: int) -> tuple[Tensor, Tensor]:
    """Return the ``resolution`` coordinates along z1 and those along z2, ends included."""
    return (
        torch.linspace(bounds.z1_min, bounds.z1_max, resolution, dtype=torch.float64),
        torch.linspace(bounds.z2_min, bounds.z2_max, resolution, dtype=torch.float64),
    )


def cell_centres(bounds: Bounds, resolution: int) -> tuple[Tensor, Tensor]:
    """Return the centres along z1 and those along z2 of ``resolution`` cells that fill the box."""
    z1, z2 = latent_grid(bounds, resolution + 1)
    return (z1[:-1] + z1[1:]) / 2, (z2[:-1] + z2[1:]) / 2


@torch.inference_mode()
def grid_log_density(distribution: LatentDistribution, z1: Tensor, z2: Tensor) -> Tensor:
    """Return the natural log density on the grid, ``(len(z2), len(z1))``: rows are z2.

    Raises:
        ValueError: the latent space is not a plane.
    """
    _require_plane(distribution)
    rows, columns = torch.meshgrid(z2, z1, indexing="ij")
    z = torch.stack([columns.flatten(), rows.flatten()], dim=-1).float()
    values = [distribution.log_prob(part) for part in z.split(_CHUNK)]
    return torch.cat(values).view(rows.shape)


def integral(log_density: Tensor, z1: Tensor, z2: Tensor) -> float:
    """Return the integral of exp(log_density) over the grid, by the trapezoidal rule."""
    inner = torch.trapezoid(log_density.double().exp(), z1, dim=1)
    return torch.trapezoid(inner, z2, dim=0).item()


def _require_plane(distribution: LatentDistribution) -> None:
    (latent_dim,) = distribution.event_shape
    if latent_dim != 2:
        raise ValueError(f"A grid needs two latent dimensions; this model has {latent_dim}.")

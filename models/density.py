"""Log densities on a regular grid over a line or a plane of the latent space."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from models.distributions import DiagonalGaussian, DiagonalGaussianMixture, LatentDistribution
from models.latent_plane import Direction, LatentPlane

_SAMPLES = 20_000  # so that about 1 in 10,000 of the prior may lie outside a side of the box
_MARGIN = 0.02  # of the box's side, on both ends
# Grid points at once. Larger arrays are got from the system and returned to it each time, which
# takes longer than what a flow computes.
_CHUNK = 1 << 12
_TERMS = 1 << 16  # (point, component) pairs of a mixture at once: they stay in the cache


class Bounds(NamedTuple):
    """A box in the latent plane; of a line, with 0 for both of z2."""

    z1_min: float
    z1_max: float
    z2_min: float
    z2_max: float

    @property
    def longer_side(self) -> float:
        """The length of the longer side."""
        return max(self.z1_max - self.z1_min, self.z2_max - self.z2_min)


@torch.no_grad()
def latent_bounds(
    prior: LatentDistribution, posterior: DiagonalGaussian, plane: LatentPlane | None = None
) -> Bounds:
    """Return a box that holds the prior (about 20,000 draws of it) and the points with 3 scales.

    In a space of more than two dimensions the box lies in a ``plane`` of it, onto which all that is
    projected. The same draws every time, so that a run has one box.

    Raises:
        ValueError: the latent space is neither a line nor a plane, and no plane is given.
    """
    draws = _draws(prior)
    loc, spread = posterior.loc, 3.0 * posterior.scale
    if plane is None:
        _require_grid(prior)
    else:
        draws, loc = plane.project(draws), plane.project(loc)
        spread = 3.0 * plane.project_spread(posterior.scale)
    points = torch.cat([draws, loc - spread, loc + spread])
    low, high = points.amin(0), points.amax(0)
    margin = _MARGIN * (high - low)
    sides = torch.stack([low - margin, high + margin], dim=1).tolist()
    (z1_min, z1_max), (z2_min, z2_max) = sides if len(sides) == 2 else (*sides, (0.0, 0.0))
    return Bounds(z1_min, z1_max, z2_min, z2_max)


@torch.no_grad()
def latent_ranges(
    prior: LatentDistribution, posterior: DiagonalGaussian, directions: list[Direction]
) -> list[tuple[float, float]]:
    """Return the least and the most that the prior's draws and the points with 3 scales reach."""
    draws = _draws(prior)
    variance = posterior.scale.double().square()
    ranges = []
    for direction in directions:
        loc = direction.coordinate(posterior.loc)
        spread = 3.0 * (variance @ direction.axis.square()).sqrt()
        reached = torch.cat([direction.coordinate(draws), loc - spread, loc + spread])
        ranges.append((reached.min().item(), reached.max().item()))
    return ranges


def latent_grid(bounds: Bounds, resolution: int) -> tuple[Tensor, Tensor]:
    """Return the ``resolution`` coordinates along z1 and those along z2, ends included.

    Along z2 there are none where the bounds are those of a line.
    """
    z1 = torch.linspace(bounds.z1_min, bounds.z1_max, resolution, dtype=torch.float64)
    if bounds.z2_min == bounds.z2_max:
        return z1, z1.new_empty(0)
    return z1, torch.linspace(bounds.z2_min, bounds.z2_max, resolution, dtype=torch.float64)


def cell_centres(bounds: Bounds, resolution: int) -> tuple[Tensor, Tensor]:
    """Return the centres along z1 and those along z2 of ``resolution`` cells that fill the box."""
    z1, z2 = latent_grid(bounds, resolution + 1)
    return (z1[:-1] + z1[1:]) / 2, (z2[:-1] + z2[1:]) / 2


def grid_points(z1: Tensor, z2: Tensor) -> Tensor:
    """Return the grid's points row by row, ``(len(z2) * len(z1), 2)``; of a line ``(n, 1)``."""
    if len(z2) == 0:
        return z1.unsqueeze(-1)
    rows, columns = torch.meshgrid(z2, z1, indexing="ij")
    return torch.stack([columns.flatten(), rows.flatten()], dim=-1)


@torch.inference_mode()
def grid_log_density(distribution: LatentDistribution, z1: Tensor, z2: Tensor) -> Tensor:
    """Return the natural log density on the grid, ``(len(z2), len(z1))``: rows are z2.

    On a line, where ``z2`` is empty, there is one row.

    Raises:
        ValueError: the latent space is neither a line nor a plane.
    """
    _require_grid(distribution)
    return log_density_at(distribution, z1, z2, lambda points: points)


@torch.inference_mode()
def log_density_at(
    distribution: LatentDistribution,
    z1: Tensor,
    z2: Tensor,
    place: Callable[[Tensor], Tensor],
) -> Tensor:
    """Return the log density where ``place`` (n, 2) -> (n, L) puts the points of the grid."""
    parts = place(grid_points(z1, z2)).float().split(_at_once(distribution))
    values = torch.cat([distribution.log_prob(part) for part in parts])
    return values.view(max(1, len(z2)), len(z1))


def integral(log_density: Tensor, z1: Tensor, z2: Tensor) -> float:
    """Return the integral of exp(log_density) over the grid, by the trapezoidal rule."""
    inner = torch.trapezoid(log_density.double().exp(), z1, dim=1)
    return (torch.trapezoid(inner, z2, dim=0) if len(z2) else inner).item()


def _at_once(distribution: LatentDistribution) -> int:
    """Return for how many points to work out a density at once."""
    if isinstance(distribution, DiagonalGaussianMixture):
        return max(1, min(_CHUNK, _TERMS // len(distribution.component_loc)))
    return _CHUNK


def _draws(prior: LatentDistribution) -> Tensor:
    return prior.sample((_SAMPLES,), torch.Generator().manual_seed(0))


def _require_grid(distribution: LatentDistribution) -> None:
    (latent_dim,) = distribution.event_shape
    if latent_dim > 2:
        raise ValueError(
            "A grid needs a line or a plane, one or two latent dimensions; this model has "
            f"{latent_dim}. Choose a plane."
        )

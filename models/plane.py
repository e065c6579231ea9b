"""The two-dimensional latent space as a grid that carries every density of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from models.aggregated_posterior import AggregatedPosterior
from models.density import Bounds, grid_log_density, latent_bounds, latent_grid
from models.distributions import DiagonalGaussian, LatentDistribution

_MIN_RESOLUTION = 200  # the edges of holes should not show the grid
_MAX_RESOLUTION = 640


@dataclass(frozen=True)
class Plane:
    """log p and log q on one regular grid, ``(len(z2), len(z1))`` float64, rows are z2."""

    z1: Tensor
    z2: Tensor
    log_prior: Tensor
    log_aggregated_posterior: Tensor
    smallest_scale: float
    """of the posteriors that make up q: the step of the grid should be no larger"""

    @property
    def log_ratio(self) -> Tensor:
        """s = log p - log q."""
        return self.log_prior - self.log_aggregated_posterior

    @property
    def cell_area(self) -> float:
        """The area of a cell, in units of z."""
        return float((self.z1[1] - self.z1[0]) * (self.z2[1] - self.z2[0]))

    @property
    def step(self) -> float:
        """The larger side of a cell."""
        return max(float(self.z1[1] - self.z1[0]), float(self.z2[1] - self.z2[0]))

    @property
    def points(self) -> Tensor:
        """The grid's points row by row, ``(len(z2) * len(z1), 2)``."""
        rows, columns = torch.meshgrid(self.z2, self.z1, indexing="ij")
        return torch.stack([columns.flatten(), rows.flatten()], dim=-1)

    def of(self, posterior: DiagonalGaussian) -> Plane:
        """Return the same grid and prior with the q of other images."""
        q = AggregatedPosterior(posterior)
        return replace(
            self,
            log_aggregated_posterior=q.grid_log_density(self.z1, self.z2),
            smallest_scale=q.smallest_scale(),
        )

    def mean(self, log_density: Tensor, values: Tensor) -> float:
        """Return the integral of density times values; where the density is 0 so is the product."""
        density = log_density.exp()
        return torch.where(density > 0, density * values, 0.0).sum().item() * self.cell_area


def sufficient_resolution(
    bounds: Bounds, largest_step: float, fewest: int = _MIN_RESOLUTION
) -> int:
    """Return the points along a side for which the step is at most ``largest_step``.

    Between ``fewest`` and 640; past that the grid is too coarse, which ``Plane.step`` shows.
    """
    side = max(bounds.z1_max - bounds.z1_min, bounds.z2_max - bounds.z2_min)
    return min(_MAX_RESOLUTION, max(fewest, math.ceil(side / largest_step) + 1))


@torch.inference_mode()
def plane(
    prior: LatentDistribution,
    posterior: DiagonalGaussian,
    bounds: Bounds | None = None,
    resolution: int | None = None,
) -> Plane:
    """Return log p and log q on a grid; by default one that holds both, and is fine enough.

    ``posterior`` is that of the training images: q is their mixture.

    Raises:
        ValueError: the latent space is not a plane.
    """
    box = bounds or latent_bounds(prior, posterior)
    aggregated_posterior = AggregatedPosterior(posterior)
    scale = aggregated_posterior.smallest_scale()
    z1, z2 = latent_grid(box, resolution or sufficient_resolution(box, scale))
    return Plane(
        z1=z1,
        z2=z2,
        log_prior=grid_log_density(prior, z1, z2).double(),
        log_aggregated_posterior=aggregated_posterior.grid_log_density(z1, z2),
        smallest_scale=scale,
    )

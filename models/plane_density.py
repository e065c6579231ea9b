"""Densities on a plane of the latent space: slices through them, and their marginals.

A *slice* is p(z) at the plane's points. A *marginal* is the density of the coordinates (a, b) of
z ~ p: all that lies beside the plane is integrated out, so what it says of a region holds for the
whole cylinder over that region.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from models.aggregated_posterior import AggregatedPosterior
from models.density import grid_log_density, log_density_at
from models.distributions import DiagonalGaussianMixture, LatentDistribution, StandardNormal
from models.latent_plane import LatentPlane
from models.plane_gaussians import PlaneGaussians
from models.priors.flow import FlowDistribution
from models.priors.piecewise import in_pieces

Reading = Literal["slice", "marginal"]

_Mixture = AggregatedPosterior | DiagonalGaussianMixture | StandardNormal

_LOG_2PI = math.log(2.0 * math.pi)
_FLOW_DRAWS = 16_384
_ERROR_LINES = 48  # along a side
# The share of its noise by which a draw of the flow is spread. With this, rms errors of log p are
# .06 where the prior's mass is; wider kernels begin to show that a flow is not linear.
_FLOW_SPREAD = 0.3


class PlaneDensity(Protocol):
    """What has a density over the plane's coordinates (a, b)."""

    def grid_log_density(self, z1: Tensor, z2: Tensor) -> Tensor:
        """Return the log density on a regular grid, ``(len(z2), len(z1))``: rows are b."""


@dataclass(frozen=True)
class DensityAtPoints:
    """log p(z) at the points of a plane, or of the whole space where that is a line or a plane."""

    distribution: LatentDistribution
    plane: LatentPlane | None = None

    def grid_log_density(self, z1: Tensor, z2: Tensor) -> Tensor:
        """Return the log density on a regular grid, ``(len(z2), len(z1))``: rows are b."""
        if self.plane is None:
            return grid_log_density(self.distribution, z1, z2).double()
        return log_density_at(self.distribution, z1, z2, self.plane.lift).double()


@dataclass(frozen=True)
class MonteCarloMarginal:
    """The mean of ``samples`` Gaussians, each the density of (a, b) given one random draw."""

    gaussians: PlaneGaussians
    samples: int

    def grid_log_density(self, z1: Tensor, z2: Tensor) -> Tensor:
        """Return the log of the estimate on a regular grid, ``(len(z2), len(z1))``: rows are b."""
        return self.gaussians.grid_log_density(z1, z2)

    def standard_error(self, z1: Tensor, z2: Tensor, log_density: Tensor) -> float:
        """Return the relative standard error of the density, on average over its own mass.

        With p the estimate, E_p[standard error of p / p] is the integral of the standard error. It
        varies slowly, so that some of the grid's lines are enough.
        """
        stride = max(1, len(z1) // _ERROR_LINES)
        z1, z2, log_density = z1[::stride], z2[::stride], log_density[::stride, ::stride]
        mean_square = self.gaussians.squared().grid_log_density(z1, z2).exp()
        variance = (mean_square - (2.0 * log_density).exp() / self.samples).clamp_min(0.0)
        return torch.trapezoid(torch.trapezoid(variance.sqrt(), z1, dim=1), z2, dim=0).item()


@torch.no_grad()
def whole_space(distribution: LatentDistribution) -> PlaneDensity:
    """Return the density of a latent space that is a line or a plane itself.

    On a plane the sum over a mixture's components becomes one small matrix product, and a flow's
    networks become tables.
    """
    if distribution.event_shape == (2,):
        if isinstance(distribution, _Mixture):
            log_weight, loc, scale = _components(distribution)
            return PlaneGaussians(log_weight, loc, scale, torch.zeros_like(log_weight))
        if isinstance(distribution, FlowDistribution):
            return in_pieces(distribution)
    return DensityAtPoints(distribution)


@torch.no_grad()
def on_plane(
    distribution: LatentDistribution, plane: LatentPlane, reading: Reading
) -> PlaneDensity:
    """Return the slice of a distribution by a plane, or its marginal on it.

    Both are exact, but for the marginal of a flow, which is a ``MonteCarloMarginal``.
    """
    if isinstance(distribution, _Mixture):
        return gaussians_on_plane(distribution, plane, reading)
    if reading == "slice":
        return DensityAtPoints(distribution, plane)
    if isinstance(distribution, FlowDistribution):
        return flow_marginal(distribution, plane)
    raise TypeError(f"No marginal is known of a {type(distribution).__name__}.")


@torch.no_grad()
def gaussians_on_plane(
    distribution: _Mixture, plane: LatentPlane, reading: Reading
) -> PlaneGaussians:
    """Return the slice or the marginal of a mixture of diagonal Gaussians: Gaussians again."""
    parts = _components(distribution)
    return _sliced(*parts, plane) if reading == "slice" else _projected(*parts, plane)


def _components(distribution: _Mixture) -> tuple[Tensor, Tensor, Tensor]:
    """Return log weights (N,), locations and scales (N, L), in float64."""
    match distribution:
        case AggregatedPosterior():
            loc, scale = distribution.posterior.loc, distribution.posterior.scale
            weights = torch.full((len(loc),), -math.log(len(loc)), dtype=torch.float64)
        case DiagonalGaussianMixture():
            loc, scale = distribution.component_loc, distribution.component_scale
            weights = distribution.log_weights
        case StandardNormal():
            loc, weights = torch.zeros(1, *distribution.event_shape), torch.zeros(1)
            scale = torch.ones_like(loc)
    return weights.double(), loc.double(), scale.double()


def _projected(
    log_weight: Tensor, loc: Tensor, scale: Tensor, plane: LatentPlane
) -> PlaneGaussians:
    """Return the marginals: means A (loc - origin), covariances A diag(scale^2) A^T."""
    axes = plane.axes_tensor
    covariance = torch.einsum("il,nl,jl->nij", axes, scale.square(), axes)
    return PlaneGaussians.of_covariance(log_weight, plane.project(loc), covariance)


def _sliced(log_weight: Tensor, loc: Tensor, scale: Tensor, plane: LatentPlane) -> PlaneGaussians:
    """Return the slices, which are Gaussians too, with less weight the farther off their mean is.

    With P = A diag(scale^-2) A^T and d = loc - origin: mean P^-1 A diag(scale^-2) d, covariance
    P^-1; the weight is what N(z; loc, scale^2) integrates to over the plane.
    """
    axes, offset = plane.axes_tensor, loc - plane.origin_tensor
    precision = torch.einsum("il,nl,jl->nij", axes, scale.pow(-2), axes)
    covariance = torch.linalg.inv(precision)
    mean = torch.einsum("nij,jl,nl->ni", covariance, axes, offset / scale.square())
    beside = (offset - mean @ axes) / scale
    log_mass = (
        -0.5 * beside.square().sum(-1)
        - scale.log().sum(-1)
        - 0.5 * torch.logdet(precision)
        - 0.5 * (plane.latent_dim - 2) * _LOG_2PI
    )
    return PlaneGaussians.of_covariance(log_weight + log_mass, mean, covariance)


def flow_marginal(
    flow: FlowDistribution, plane: LatentPlane, samples: int = _FLOW_DRAWS, seed: int = 0
) -> MonteCarloMarginal:
    """Estimate the marginal of z = f(u), u ~ N(0, I), from draws of most of the noise.

    Writing u = sqrt(1 - h^2) v + h w with v and w standard normal too, the density of A z is the
    mean over v of that given v. Given v only the little noise h w is left, over which f is nearly
    linear: A z is nearly N(A f(sqrt(1 - h^2) v), h^2 (A J)(A J)^T), J the Jacobian of f there. An
    average of kernels, then; but these follow the flow, and do not widen its density.
    """
    v = torch.randn(samples, plane.latent_dim, generator=torch.Generator().manual_seed(seed))
    with torch.inference_mode(False), torch.enable_grad():
        u = (math.sqrt(1.0 - _FLOW_SPREAD**2) * v.clone()).requires_grad_()
        mean = plane.project(flow.to_latent(u))
        rows = [
            torch.autograd.grad(along.sum(), u, retain_graph=True)[0] for along in mean.unbind(-1)
        ]
    jacobian = _FLOW_SPREAD * torch.stack(rows, dim=1).double()
    weights = torch.full((samples,), -math.log(samples), dtype=torch.float64)
    covariance = jacobian @ jacobian.transpose(1, 2)
    return MonteCarloMarginal(
        PlaneGaussians.of_covariance(weights, mean.detach(), covariance), samples
    )

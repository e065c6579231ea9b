"""ELBO surgery: what the regularising part of the ELBO is made of (Hoffman & Johnson 2016)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from models.aggregated_posterior import AggregatedPosterior
from models.distributions import DiagonalGaussian, LatentDistribution
from models.estimate import Estimate, closed_form, monte_carlo, quadrature
from models.plane import Plane

_LINE_POINTS = (512, 8192)  # of the quadrature along one dimension: at least, at most
_PAIRS = 2_000_000_000  # of a draw and an image: some ten seconds
_DRAWS = 20_000
_TAIL = 8.0  # scales beyond the outermost location that it reaches


@dataclass(frozen=True)
class Surgery:
    """E_x KL(q(z|x) || p(z)), taken apart in two ways that add up to the same.

    cross_entropy - posterior_entropy = mutual_information + marginal_kl: every term rests on the
    same estimates of the same two integrals. All in nats.
    """

    cross_entropy: Estimate
    """-E_q(z)[log p(z)]"""
    posterior_entropy: Estimate
    """E_x H[q(z|x)]"""
    mutual_information: Estimate
    """H[q(z)] - posterior_entropy, between 0 and log N"""
    marginal_kl: Estimate
    """KL(q(z) || p(z))"""


def surgery_on_plane(posterior: DiagonalGaussian, plane: Plane) -> Surgery:
    """Return the terms by quadrature; ``plane`` carries the mixture of ``posterior`` as its q."""
    log_q, points = plane.log_aggregated_posterior, plane.log_prior.numel()
    posterior_entropy = posterior.entropy().double().mean().item()
    cross_entropy = -plane.mean(log_q, plane.log_prior)
    entropy = -plane.mean(log_q, log_q)
    return Surgery(
        cross_entropy=quadrature(cross_entropy, points),
        posterior_entropy=closed_form(posterior_entropy),
        mutual_information=quadrature(entropy - posterior_entropy, points),
        marginal_kl=quadrature(cross_entropy - entropy, points),
    )


@torch.inference_mode()
def surgery_by_draws(
    posterior: DiagonalGaussian, prior: LatentDistribution, *, samples: int = 8, seed: int = 0
) -> Surgery:
    """Return the terms in any latent dimension, from ``samples`` (>= 2) draws for each image.

    log q at every draw is exact over all images, the draw's own among them. Of very many images the
    draws are 20,000 from their mixture instead.
    """
    aggregated_posterior = AggregatedPosterior(posterior)
    generator = torch.Generator().manual_seed(seed)
    count = samples * len(posterior.loc)
    if count * len(posterior.loc) > _PAIRS:
        count = _DRAWS
        z = aggregated_posterior.sample((count,), generator)
        cross_entropy = -prior.log_prob(z.float()).double()
        entropy = -aggregated_posterior.log_prob(z)
    else:
        cross_entropies, entropies = [], []
        for _ in range(samples):
            z = posterior.rsample(torch.randn(posterior.loc.shape, generator=generator))
            cross_entropies.append(-prior.log_prob(z).double().mean())
            entropies.append(-aggregated_posterior.log_prob(z).mean())
        cross_entropy, entropy = torch.stack(cross_entropies), torch.stack(entropies)
    posterior_entropy = posterior.entropy().double().mean().item()
    return Surgery(
        cross_entropy=monte_carlo(cross_entropy, count),
        posterior_entropy=closed_form(posterior_entropy),
        mutual_information=monte_carlo(entropy - posterior_entropy, count),
        marginal_kl=monte_carlo(cross_entropy - entropy, count),
    )


@dataclass(frozen=True)
class TotalCorrelation:
    """KL(q||p) = total_correlation + sum_d dimension_kl[d] - prior_dependence.

    Chen et al. (2018), eq. 2, for a prior that does not factorise. All in nats.
    """

    total_correlation: Estimate
    """KL(q(z) || prod_d q(z_d)): how far the dimensions of the data's codes depend"""
    dimension_kl: list[Estimate]
    """KL(q(z_d) || p(z_d)) of each dimension"""
    prior_dependence: Estimate
    """E_q[log p(z) - sum_d log p(z_d)]: the dependence that the prior itself provides for"""


def total_correlation(plane: Plane) -> TotalCorrelation:
    """Return the split of the marginal KL on the plane, by quadrature."""
    points = plane.log_prior.numel()
    log_q, log_p = plane.log_aggregated_posterior, plane.log_prior
    q_lines, p_lines = _log_marginals(log_q, plane), _log_marginals(log_p, plane)
    return TotalCorrelation(
        total_correlation=quadrature(plane.mean(log_q, log_q - sum(q_lines)), points),
        dimension_kl=[
            quadrature(plane.mean(log_q, (q - p).expand_as(log_q)), points)
            for q, p in zip(q_lines, p_lines, strict=True)
        ],
        prior_dependence=quadrature(plane.mean(log_q, log_p - sum(p_lines)), points),
    )


def _log_marginals(log_density: Tensor, plane: Plane) -> tuple[Tensor, Tensor]:
    """Return the log marginals of z1 (1, columns) and z2 (rows, 1), ready to broadcast."""
    log_step1 = math.log(float(plane.z1[1] - plane.z1[0]))
    log_step2 = math.log(float(plane.z2[1] - plane.z2[0]))
    return (
        torch.logsumexp(log_density, dim=0, keepdim=True) + log_step2,
        torch.logsumexp(log_density, dim=1, keepdim=True) + log_step1,
    )


@torch.inference_mode()
def dimension_mutual_information(posterior: DiagonalGaussian) -> list[Estimate]:
    """Return I(x; z_d) = H[q(z_d)] - E_x H[q(z_d|x)] of each dimension, by quadrature.

    Unlike a count of "active units" it does not change when z_d is stretched.
    """
    return [
        _line_mutual_information(
            DiagonalGaussian(posterior.loc[:, [d]].double(), posterior.scale[:, [d]].double())
        )
        for d in range(posterior.loc.shape[-1])
    ]


def _line_mutual_information(posterior: DiagonalGaussian) -> Estimate:
    loc, scale = posterior.loc, posterior.scale
    low, high = (loc - _TAIL * scale).min().item(), (loc + _TAIL * scale).max().item()
    fewest, most = _LINE_POINTS
    points = min(most, max(fewest, math.ceil((high - low) / scale.min().item())))
    line = torch.linspace(low, high, points, dtype=torch.float64)
    log_q = AggregatedPosterior(posterior).log_prob(line.unsqueeze(-1))
    entropy = -torch.trapezoid(log_q.exp() * log_q, line)
    return quadrature(entropy - posterior.entropy().mean(), points)

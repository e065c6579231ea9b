"""The log-likelihood log p(x): exact on the plane, importance-weighted elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from models.data import Split
from models.estimate import Estimate, quadrature
from models.plane import Plane
from models.vae import VAE

_CHUNK = 2048  # grid points decoded at once: (2048, D * num_values) floats


@torch.inference_mode()
def log_likelihood(vae: VAE, x: Tensor, plane: Plane) -> Tensor:
    """Return log p(x) of every image, ``(N,)``, by quadrature over the plane.

    log p(x) = logsumexp over the grid of [log p(x|z) + log p(z) + log cell area].
    """
    total = torch.full((len(x),), -math.inf, dtype=torch.float64)
    log_mass = plane.log_prior.flatten() + math.log(plane.cell_area)
    points = plane.points.float()
    for rows in torch.arange(len(points)).split(_CHUNK):
        log_joint = vae.decode(points[rows]).pairwise_log_prob(x) + log_mass[rows].unsqueeze(-1)
        total = torch.logaddexp(total, torch.logsumexp(log_joint, dim=0))
    return total


def exact_log_likelihood(vae: VAE, splits: Sequence[Split], plane: Plane) -> list[Estimate]:
    """Return the mean of log p(x) over each split, by quadrature, in nats per image.

    Together they cost little more than one: it is the grid whose decoding takes the time.
    """
    values = log_likelihood(vae, torch.cat([split.x for split in splits]), plane)
    parts = values.split([len(split) for split in splits])
    return [quadrature(part.mean(), plane.log_prior.numel()) for part in parts]


@torch.inference_mode()
def iw_log_likelihood(vae: VAE, split: Split, *, samples: int = 500, seed: int = 0) -> Estimate:
    """Return the importance-weighted bound on the mean of log p(x) (Burda et al. 2016).

    log 1/S sum_s p(x|z_s) p(z_s) / q(z_s|x), z_s from q(z|x). Its bias depends on the prior and
    falls with S. The standard error follows from the spread of the weights (delta method).
    """
    generator = torch.Generator().manual_seed(seed)
    posterior, prior = vae.posterior(split.x), vae.latent_prior()
    log_weights = []
    for _ in range(samples):
        z = posterior.rsample(torch.randn(posterior.loc.shape, generator=generator))
        log_joint = vae.decode(z).log_prob(split.x) + prior.log_prob(z)
        log_weights.append((log_joint - posterior.log_prob(z)).double())
    log_weight = torch.stack(log_weights)
    log_mean = torch.logsumexp(log_weight, dim=0) - math.log(samples)
    relative = (log_weight - log_mean).exp()
    variance = relative.var(0) / samples
    error = variance.sum().sqrt() / len(split)
    return Estimate(log_mean.mean().item(), error.item(), "importance_weighted", samples)

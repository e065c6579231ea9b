"""The log-likelihood log p(x): exact on the plane, importance-weighted elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.data import Split
from models.density import Bounds, grid_log_density, grid_points, latent_grid
from models.distributions import LatentDistribution
from models.elbo import Elbo, evaluate
from models.encoding import encode, evenly_spaced
from models.estimate import Estimate, Estimator, quadrature
from models.grid_error import widest_step
from models.plane import MEASURING_RESOLUTION, sufficient_resolution
from models.vae import VAE

_CHUNK = 2048  # grid points decoded at once, if few enough
_VALUES = 1 << 24  # in (grid points, rows or outputs of the decoder): bounds the memory
_COLUMNS = 32  # rows summed at once: with all grid points of a chunk they stay in the cache
_WORK = 650_000_000_000  # multiplications for the pairs of grid points and rows: ten seconds or so
_SAMPLED_VALUES = 550_000_000  # put out by the decoder for the importance samples of all rows
_FEWEST_ROWS = 100
_FEWEST_POINTS = 100  # along a side of the grid
_ERROR = 3e-4  # of p(x), by the grid's steps


@dataclass(frozen=True)
class LikelihoodGrid:
    """Places z with the prior's mass of a cell at each, over which p(x|z) is summed."""

    points: Tensor
    """(M, L)"""
    log_mass: Tensor
    """log p(z) + log cell area, (M,) float64"""

    @classmethod
    def of(cls, prior: LatentDistribution, bounds: Bounds, resolution: int) -> LikelihoodGrid:
        """Return the grid over a box of a line or a plane."""
        z1, z2 = latent_grid(bounds, resolution)
        area = math.prod(float(line[1] - line[0]) for line in (z1, z2) if len(line))
        log_prior = grid_log_density(prior, z1, z2).double().flatten()
        return cls(grid_points(z1, z2).float(), log_prior + math.log(area))


def likelihood_grid(
    vae: VAE, prior: LatentDistribution, scale: Tensor, bounds: Bounds, rows: int
) -> LikelihoodGrid:
    """Return the grid for log p(x) of ``rows`` rows, whose posteriors have the scales (N, L).

    Its steps are 1.5 of the smallest scale: p(x|z) p(z) is about as wide as the posterior, and of
    such a Gaussian the rectangle rule misses 3e-4. Where that is too fine, or too fine for all rows
    to be afforded, it is this on average over the rows.
    """
    enough = sufficient_resolution(
        bounds, widest_step(scale, _ERROR), fewest=_FEWEST_POINTS, most=MEASURING_RESOLUTION
    )
    finest = sufficient_resolution(bounds, 1.5 * scale.min().item(), fewest=enough)
    grid = LikelihoodGrid.of(prior, bounds, finest)
    if finest == enough or rows <= _affordable(vae, grid):
        return grid
    return LikelihoodGrid.of(prior, bounds, enough)


@torch.inference_mode()
def log_likelihood(vae: VAE, x: Tensor, grid: LikelihoodGrid) -> Tensor:
    """Return log p(x) of every row, ``(N,)``, by quadrature.

    log p(x) = logsumexp over the grid of [log p(x|z) + log p(z) + log cell area].
    """
    total = torch.full((len(x),), -math.inf, dtype=torch.float64)
    there = x.to(vae.device)
    outputs = math.prod(vae.decoder.shape)
    chunk = min(_CHUNK, max(1, _VALUES // max(len(x), outputs)))
    for points, log_mass in zip(grid.points.split(chunk), grid.log_mass.split(chunk), strict=True):
        pairs = vae.decode(points.to(vae.device)).pairwise_log_prob(there).cpu()
        total = torch.logaddexp(total, _log_sum(pairs, log_mass))
    return total


def _log_sum(pairs: Tensor, log_mass: Tensor) -> Tensor:
    """Return logsumexp over the points of (points, rows) + (points,), in float64: ``(rows,)``."""
    sums = []
    for part in pairs.split(_COLUMNS, dim=1):
        log_joint = part.double().add_(log_mass.unsqueeze(-1))
        largest = log_joint.amax(0)
        sums.append(log_joint.sub_(largest).exp_().sum(0).log_().add_(largest))
    return torch.cat(sums)


def plane_log_likelihood(
    vae: VAE, splits: Sequence[Split], elbos: Sequence[Elbo], grid: LikelihoodGrid, seed: int = 0
) -> list[Estimate]:
    """Return the mean of log p(x) over each split in nats per row, by quadrature if affordable.

    Together they cost little more than one: it is the grid whose decoding takes the time. Where the
    pairs of grid points and rows would take too long, evenly spaced rows stand for all
    (``_mean_of_some``); where even few would, as with 256 levels of many values, all is by
    importance weights instead.
    """
    affordable = _affordable(vae, grid)
    if affordable < _FEWEST_ROWS:
        return [
            iw_log_likelihood(vae, split, elbo, seed=seed)
            for split, elbo in zip(splits, elbos, strict=True)
        ]
    chosen = _choose([len(split) for split in splits], affordable)
    generator = torch.Generator().manual_seed(seed)
    some = [split[rows] for split, rows in zip(splits, chosen, strict=True)]
    parts = [vae.decoder.head.measured(part.x, generator) for part in some]
    values = log_likelihood(vae, torch.cat(parts), grid).split([len(rows) for rows in chosen])
    return [
        quadrature(value.mean(), len(grid.points))
        if len(rows) == len(split)
        else _mean_of_some("quadrature", value - _elbo(vae, part, measured, elbo, rows), elbo)
        for split, rows, part, measured, elbo, value in zip(
            splits, chosen, some, parts, elbos, values, strict=True
        )
    ]


def _affordable(vae: VAE, grid: LikelihoodGrid) -> int:
    """Return of how many rows log p(x) is summed over the grid in reasonable time."""
    head = vae.decoder.head
    return max(0, _WORK // len(grid.points) - head.place_work) // head.pairwise_work


@torch.inference_mode()
def iw_log_likelihood(
    vae: VAE, split: Split, elbo: Elbo, *, samples: int = 500, seed: int = 0
) -> Estimate:
    """Return the importance-weighted bound on the mean of log p(x) (Burda et al. 2016).

    log 1/S sum_s p(x|z_s) p(z_s) / q(z_s|x), z_s from q(z|x). Its bias depends on the prior and
    falls with S. The standard error follows from the spread of the weights (delta method). Where
    there are many rows, evenly spaced ones stand for all (``_mean_of_some``).
    """
    (rows,) = _choose([len(split)], _SAMPLED_VALUES // (samples * math.prod(vae.decoder.shape)))
    part = split[rows]
    posterior, prior = encode(vae.encoder, part.x), vae.latent_prior()
    measured = vae.decoder.head.measured(part.x, torch.Generator().manual_seed(seed))
    x = measured.to(vae.device)
    generator = torch.Generator().manual_seed(seed)
    log_weights = []
    for _ in range(samples):
        z = posterior.rsample(torch.randn(posterior.loc.shape, generator=generator))
        there = z.to(vae.device)
        log_joint = vae.decode(there).log_prob(x) + prior.log_prob(there)
        log_weights.append((log_joint.cpu() - posterior.log_prob(z)).double())
    log_weight = torch.stack(log_weights)
    log_mean = torch.logsumexp(log_weight, dim=0) - math.log(samples)
    if len(rows) < len(split):
        difference = log_mean - _elbo(vae, part, measured, elbo, rows)
        return _mean_of_some("importance_weighted", difference, elbo)
    variance = (log_weight - log_mean).exp().var(0) / samples
    error = variance.sum().sqrt() / len(split)
    return Estimate(log_mean.mean().item(), error.item(), "importance_weighted", samples)


def _choose(counts: Sequence[int], affordable: int) -> list[Tensor]:
    """Return which rows of each split are measured: all of them, if that can be afforded."""
    if sum(counts) <= affordable:
        return [torch.arange(count) for count in counts]
    most = max(_FEWEST_ROWS, affordable // len(counts))
    return [evenly_spaced(count, most) for count in counts]


def _elbo(vae: VAE, split: Split, measured: Tensor, elbo: Elbo, rows: Tensor) -> Tensor:
    """Return the ELBO of the rows as they were measured; ``rows`` are their places in ``elbo``."""
    if measured is split.x:
        return elbo.of_rows[rows]
    return evaluate(vae, split, measured=measured).of_rows


def _mean_of_some(estimator: Estimator, difference: Tensor, elbo: Elbo) -> Estimate:
    """Estimate the mean of log p(x) over all rows from its ``difference`` to the ELBO at some.

    A difference estimator: the ELBO is known of all rows, and only the mean of what it lacks, which
    varies little, is estimated. Where greys are binarised, the mean over all ways to do so is.
    """
    error = difference.std() / len(difference) ** 0.5
    mean = elbo.of_rows.mean() + difference.mean()
    return Estimate(mean.item(), error.item(), estimator, len(difference))

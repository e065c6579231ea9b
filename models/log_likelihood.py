"""The log-likelihood log p(x): exact on the plane, importance-weighted elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from models.data import Split
from models.elbo import Elbo, evaluate
from models.encoding import encode, evenly_spaced
from models.estimate import Estimate, Estimator, quadrature
from models.plane import Plane
from models.vae import VAE

_CHUNK = 2048  # grid points decoded at once, if few enough
_VALUES = 1 << 24  # in (grid points, rows or outputs of the decoder): bounds the memory
_WORK = 650_000_000_000  # multiplications for the pairs of grid points and rows: ten seconds or so
_ROW_SAMPLES = 500_000  # importance samples of all rows together
_FEWEST_ROWS = 100


@torch.inference_mode()
def log_likelihood(vae: VAE, x: Tensor, plane: Plane) -> Tensor:
    """Return log p(x) of every row, ``(N,)``, by quadrature over the plane.

    log p(x) = logsumexp over the grid of [log p(x|z) + log p(z) + log cell area].
    """
    total = torch.full((len(x),), -math.inf, dtype=torch.float64)
    log_mass = plane.log_prior.flatten() + math.log(plane.cell_area)
    points, there = plane.points.float(), x.to(vae.device)
    outputs = math.prod(vae.decoder.shape)
    chunk = min(_CHUNK, max(1, _VALUES // max(len(x), outputs)))
    for rows in torch.arange(len(points)).split(chunk):
        pairs = vae.decode(points[rows].to(vae.device)).pairwise_log_prob(there).cpu()
        log_joint = pairs + log_mass[rows].unsqueeze(-1)
        total = torch.logaddexp(total, torch.logsumexp(log_joint, dim=0))
    return total


def exact_log_likelihood(
    vae: VAE, splits: Sequence[Split], elbos: Sequence[Elbo], plane: Plane, *, seed: int = 0
) -> list[Estimate]:
    """Return the mean of log p(x) over each split, by quadrature, in nats per row.

    Together they cost little more than one: it is the grid whose decoding takes the time. Where the
    pairs of grid points and rows would take too long, evenly spaced rows stand for all
    (``_mean_of_some``).
    """
    points = plane.log_prior.numel()
    affordable = _WORK // (points * vae.decoder.head.pairwise_work)
    chosen = _choose([len(split) for split in splits], affordable)
    generator = torch.Generator().manual_seed(seed)
    some = [split[rows] for split, rows in zip(splits, chosen, strict=True)]
    parts = [vae.decoder.head.measured(part.x, generator) for part in some]
    values = log_likelihood(vae, torch.cat(parts), plane).split([len(rows) for rows in chosen])
    return [
        quadrature(value.mean(), points)
        if len(rows) == len(split)
        else _mean_of_some("quadrature", value - _elbo(vae, part, measured, elbo, rows), elbo)
        for split, rows, part, measured, elbo, value in zip(
            splits, chosen, some, parts, elbos, values, strict=True
        )
    ]


@torch.inference_mode()
def iw_log_likelihood(
    vae: VAE, split: Split, elbo: Elbo, *, samples: int = 500, seed: int = 0
) -> Estimate:
    """Return the importance-weighted bound on the mean of log p(x) (Burda et al. 2016).

    log 1/S sum_s p(x|z_s) p(z_s) / q(z_s|x), z_s from q(z|x). Its bias depends on the prior and
    falls with S. The standard error follows from the spread of the weights (delta method). Where
    there are many rows, evenly spaced ones stand for all (``_mean_of_some``).
    """
    (rows,) = _choose([len(split)], _ROW_SAMPLES // samples)
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

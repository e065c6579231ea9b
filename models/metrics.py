"""Every figure of a trained run, each with its estimator."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from models.aggregated_posterior import AggregatedPosterior
from models.data import Dataset, Split
from models.density import Bounds, latent_bounds
from models.distributions import DiagonalGaussian, LatentDistribution
from models.elbo import Elbo, evaluate
from models.encoding import encode
from models.estimate import Estimate, monte_carlo, quadrature
from models.grid_error import TOO_COARSE, grid_error, widest_step
from models.holes import Atoms, HoleCurve, hole_mass, uncovered_mass
from models.log_likelihood import iw_log_likelihood, likelihood_grid, plane_log_likelihood
from models.plane import MEASURING_RESOLUTION, Plane, plane, sufficient_resolution
from models.surgery import (
    Surgery,
    TotalCorrelation,
    dimension_mutual_information,
    surgery_by_draws,
    surgery_on_plane,
    total_correlation,
)
from models.vae import VAE

# Grows when any estimator changes: stored metrics of another version are computed again.
METRICS_VERSION = 3

THRESHOLDS = (3, 10, 100)
HEADLINE_EPSILON = 0.05
_GRID_ERROR = 3e-4  # the share of q that a grid of affordable size should misplace at most
_DRAWS = 20_000  # from p, from q and from the test q, in more than two dimensions
_RESAMPLES = 100  # of the bootstrap
_CURVE_POINTS = 201


@dataclass(frozen=True)
class SplitMetrics:
    """One split's figures, in nats per image. q is the aggregated posterior of that very split."""

    elbo: Estimate
    reconstruction: Estimate
    cross_entropy: Estimate
    posterior_entropy: Estimate
    mutual_information: Estimate
    marginal_kl: Estimate
    log_likelihood: Estimate
    bits_per_dimension: Estimate | None = None
    """-log_likelihood / (D log 2); None in metrics of version 1"""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a run's prior does to its latent space; q is that of the training images."""

    version: int
    train: SplitMetrics
    test: SplitMetrics
    hole_mass: dict[str, Estimate]
    uncovered_mass: dict[str, Estimate]
    held_out_mass: dict[str, Estimate]
    """P_test[p/q >= tau]: as large as hole_mass where the "holes" are only gaps between islands"""
    hole_at_5_percent: Estimate
    total_variation: Estimate
    reverse_kl: Estimate
    held_out_gap: Estimate
    """E_q_test[log q_train(z) - log p(z)]"""
    total_correlation: TotalCorrelation | None
    """None where it was not measured on a plane"""
    dimension_mutual_information: list[Estimate]
    grid: dict[str, float] | None
    """resolution, step, smallest_scale (of a posterior), grid_error (the share of q that the grid
    may misplace), prior and posterior integrals"""
    log_likelihood_of: str = ""
    """what the log-likelihoods are of: only those of the same thing compare"""


@dataclass(frozen=True, kw_only=True)
class SampledCurve:
    """H(epsilon) at evenly spaced epsilon from 0 to 1."""

    epsilon: list[float]
    mass: list[float]


@dataclass(frozen=True, kw_only=True)
class Metrics(Figures):
    """The figures and the hole curve, which is too long for lists of runs."""

    hole_curve: SampledCurve


@torch.inference_mode()
def measure(vae: VAE, dataset: Dataset, *, samples: int = 64, seed: int = 0) -> Metrics:
    """Measure a trained VAE; by quadrature on a line or plane, by Monte Carlo in more dimensions.

    By Monte Carlo, too, where posteriors are so narrow that a grid would misplace 1% of q.

    ``samples`` is the number of draws of z for each image in the ELBO.
    """
    vae.eval()
    metrics = None
    if vae.encoder.latent_dim <= 2:
        metrics = _measure_plane(vae, dataset, samples, seed)
    return metrics or _measure_by_draws(vae, dataset, samples, seed)


def _measure_plane(vae: VAE, dataset: Dataset, samples: int, seed: int) -> Metrics | None:
    """Measure by quadrature; None where the finest grid is too coarse."""
    prior = _on_cpu(vae).latent_prior()
    train, test = encode(vae.encoder, dataset.train.x), encode(vae.encoder, dataset.test.x)
    both = DiagonalGaussian(torch.cat([train.loc, test.loc]), torch.cat([train.scale, test.scale]))
    bounds = latent_bounds(prior, both)
    resolution = _resolution(bounds, both.scale)
    step = bounds.longer_side / (resolution - 1)
    if max(grid_error(each.scale, step) for each in (train, test)) > TOO_COARSE:
        return None
    train_plane = plane(prior, train, bounds, resolution)
    test_plane = train_plane.of(test)
    splits = dataset.train, dataset.test
    elbos = [evaluate(vae, split, samples=samples, seed=seed) for split in splits]
    grid = likelihood_grid(vae, prior, both.scale, bounds, len(both.scale))
    likelihoods = plane_log_likelihood(vae, splits, elbos, grid, seed)
    surgeries = surgery_on_plane(train, train_plane), surgery_on_plane(test, test_plane)
    of_train, of_test = map(_split_metrics, elbos, surgeries, likelihoods, splits)
    points = train_plane.log_prior.numel()
    p = Atoms.of_cells(train_plane.log_ratio, train_plane.log_prior)
    q = Atoms.of_cells(train_plane.log_ratio, train_plane.log_aggregated_posterior)
    held_out = Atoms.of_cells(train_plane.log_ratio, test_plane.log_aggregated_posterior)
    curve = HoleCurve.of(p, q)
    return Metrics(
        version=METRICS_VERSION,
        train=of_train,
        test=of_test,
        log_likelihood_of=vae.decoder.unit,
        hole_mass=_at_thresholds(p, points),
        uncovered_mass=_uncovered(q, points),
        held_out_mass=_at_thresholds(held_out, points),
        hole_at_5_percent=quadrature(curve.at(HEADLINE_EPSILON), points),
        total_variation=quadrature(curve.total_variation(), points),
        reverse_kl=quadrature(p.mean_log_ratio(), points),
        held_out_gap=quadrature(-held_out.mean_log_ratio(), points),
        hole_curve=_sampled(curve),
        total_correlation=total_correlation(train_plane) if len(train_plane.z2) else None,
        dimension_mutual_information=dimension_mutual_information(train),
        grid=_grid(train_plane),
    )


def _resolution(bounds: Bounds, scale: Tensor) -> int:
    """Return points along a side: steps of the smallest scale, or if too many, 3e-4 of q astray."""
    return sufficient_resolution(
        bounds,
        widest_step(scale, _GRID_ERROR),
        fewest=sufficient_resolution(bounds, scale.min().item()),
        most=MEASURING_RESOLUTION,
    )


def _on_cpu(vae: VAE) -> VAE:
    """Return the VAE there, where grids of p and q are worked out in double precision."""
    return vae if vae.device.type == "cpu" else copy.deepcopy(vae).cpu()


def _split_metrics(
    elbo: Elbo, surgery: Surgery, log_likelihood: Estimate, split: Split
) -> SplitMetrics:
    """Join the terms; the ELBO is made of them, so that both decompositions add up to it."""
    reconstruction = elbo.reconstruction
    parts = (reconstruction, surgery.cross_entropy, surgery.posterior_entropy)
    value = parts[0].value - parts[1].value + parts[2].value
    errors = [part.standard_error or 0.0 for part in parts]
    return SplitMetrics(
        elbo=Estimate(value, math.hypot(*errors), "monte_carlo", reconstruction.samples),
        reconstruction=reconstruction,
        cross_entropy=surgery.cross_entropy,
        posterior_entropy=surgery.posterior_entropy,
        mutual_information=surgery.mutual_information,
        marginal_kl=surgery.marginal_kl,
        log_likelihood=log_likelihood,
        bits_per_dimension=_bits_per_dimension(log_likelihood, split.x.shape[1]),
    )


def _bits_per_dimension(log_likelihood: Estimate, num_features: int) -> Estimate:
    unit = num_features * math.log(2.0)
    error = log_likelihood.standard_error
    return replace(
        log_likelihood,
        value=-log_likelihood.value / unit,
        standard_error=None if error is None else error / unit,
    )


def _measure_by_draws(vae: VAE, dataset: Dataset, samples: int, seed: int) -> Metrics:
    prior = _on_cpu(vae).latent_prior()
    train, test = encode(vae.encoder, dataset.train.x), encode(vae.encoder, dataset.test.x)
    q_train = AggregatedPosterior(train)
    generator = torch.Generator().manual_seed(seed)
    draws = {
        name: _log_ratio(prior, q_train, density.sample((_DRAWS,), generator))
        for name, density in (
            ("p", prior),
            ("q", q_train),
            ("test", AggregatedPosterior(test)),
        )
    }
    p, q, held_out = (Atoms.of_draws(draws[name]) for name in ("p", "q", "test"))
    curve = HoleCurve.of(p, q)
    errors = _bootstrap(draws["p"], draws["q"], generator)
    splits = dataset.train, dataset.test
    elbos = [evaluate(vae, split, samples=samples, seed=seed) for split in splits]
    surgeries = [surgery_by_draws(posterior, prior, seed=seed) for posterior in (train, test)]
    likelihoods = [
        iw_log_likelihood(vae, split, elbo, seed=seed)
        for split, elbo in zip(splits, elbos, strict=True)
    ]
    of_train, of_test = map(_split_metrics, elbos, surgeries, likelihoods, splits)
    return Metrics(
        version=METRICS_VERSION,
        train=of_train,
        test=of_test,
        log_likelihood_of=vae.decoder.unit,
        hole_mass=_at_thresholds(p, None),
        uncovered_mass=_uncovered(q, None),
        held_out_mass=_at_thresholds(held_out, None),
        hole_at_5_percent=Estimate(
            float(curve.at(HEADLINE_EPSILON)), errors["hole"], "monte_carlo", _DRAWS
        ),
        total_variation=Estimate(
            curve.total_variation(), errors["total_variation"], "monte_carlo", _DRAWS
        ),
        reverse_kl=monte_carlo(draws["p"]),
        held_out_gap=monte_carlo(-draws["test"]),
        hole_curve=_sampled(curve),
        total_correlation=None,
        dimension_mutual_information=dimension_mutual_information(train),
        grid=None,
    )


def _log_ratio(
    prior: LatentDistribution, aggregated_posterior: AggregatedPosterior, z: Tensor
) -> Tensor:
    return prior.log_prob(z.float()).double() - aggregated_posterior.log_prob(z)


def _bootstrap(p: Tensor, q: Tensor, generator: torch.Generator) -> dict[str, float]:
    """Return standard errors of H(.05) and of the total variation, from resampled draws."""
    curves = [
        HoleCurve.of(
            Atoms.of_draws(_resampled(p, generator)), Atoms.of_draws(_resampled(q, generator))
        )
        for _ in range(_RESAMPLES)
    ]
    return {
        "hole": torch.stack([curve.at(HEADLINE_EPSILON) for curve in curves]).std().item(),
        "total_variation": torch.tensor([curve.total_variation() for curve in curves]).std().item(),
    }


def _resampled(draws: Tensor, generator: torch.Generator) -> Tensor:
    return draws[torch.randint(len(draws), (len(draws),), generator=generator)]


def _at_thresholds(atoms: Atoms, points: int | None) -> dict[str, Estimate]:
    """Return the mass with p/q >= tau for every tau; ``points`` of a grid, or None for draws."""
    return {str(tau): _mass(hole_mass(atoms, tau), atoms, points) for tau in THRESHOLDS}


def _uncovered(atoms: Atoms, points: int | None) -> dict[str, Estimate]:
    """Return the mass with p/q < 1/tau for every tau."""
    return {str(tau): _mass(uncovered_mass(atoms, tau), atoms, points) for tau in THRESHOLDS}


def _mass(mass: float, atoms: Atoms, points: int | None) -> Estimate:
    if points is not None:
        return quadrature(mass, points)
    count = len(atoms.mass)
    return Estimate(mass, math.sqrt(mass * (1.0 - mass) / count), "monte_carlo", count)


def _sampled(curve: HoleCurve) -> SampledCurve:
    epsilon = torch.linspace(0.0, 1.0, _CURVE_POINTS, dtype=torch.float64)
    return SampledCurve(epsilon=epsilon.tolist(), mass=curve.at(epsilon).tolist())


def _grid(plane: Plane) -> dict[str, float]:
    ones = torch.ones_like(plane.log_prior)
    return {
        "resolution": len(plane.z1),
        "step": plane.step,
        "smallest_scale": plane.smallest_scale,
        "grid_error": plane.grid_error,
        "prior_integral": plane.mean(plane.log_prior, ones),
        "aggregated_posterior_integral": plane.mean(plane.log_aggregated_posterior, ones),
    }

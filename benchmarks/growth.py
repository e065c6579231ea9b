"""How work grows with its size, against what the mathematics says."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from benchmarks.result import Result, median
from models.aggregated_posterior import AggregatedPosterior
from models.data_range import DataRange
from models.decoder import Decoder
from models.density import Bounds, latent_grid
from models.distributions import DiagonalGaussian, DiagonalGaussianMixture, LatentDistribution
from models.likelihoods import BernoulliOptions
from models.networks import MlpOptions
from models.plane_density import whole_space
from models.priors.flow import FlowOptions, FlowPrior

_BOX = Bounds(-5.0, 5.0, -5.0, 5.0)
_REPEATS = 5


def run() -> list[Result]:
    """Measure the exponent e of seconds ~ size^e between the smallest and the largest size."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    flow = FlowPrior(FlowOptions(), latent_dim=2).requires_grad_(False).distribution()
    results = [
        _growth("q on a grid of 256x256, images", (1_000, 10_000, 60_000, 240_000), 1, _images),
        _growth("q of 10,000 images, side of the grid", (64, 128, 256, 512), 2, _side_of_q),
        _growth("q at a point, images", (1_000, 10_000, 60_000, 240_000), 1, _point),
        _growth("mixture on 256x256, components", (16, 64, 256, 512), 1, _components),
        _growth(
            "flow, side of the grid", (64, 128, 256, 512), 2, lambda side: _on_grid(flow, side)
        ),
        _growth("decode 64 z, pixels of an image", (64, 256, 784, 3072), 1, _pixels),
    ]
    torch.set_num_threads(threads)
    return results


def _growth(
    what: str, sizes: Sequence[int], allowed: float, work: Callable[[int], Callable[[], object]]
) -> Result:
    seconds = [median(work(size), _REPEATS) for size in sizes]
    exponent = math.log(seconds[-1] / seconds[0]) / math.log(sizes[-1] / sizes[0])
    name = f"growth of {what} from {sizes[0]} to {sizes[-1]}"
    return Result(name, exponent, "exponent", allowed, "the mathematics")


def _posterior(count: int) -> AggregatedPosterior:
    generator = torch.Generator().manual_seed(0)
    loc = 1.2 * torch.randn(count, 2, generator=generator)
    return AggregatedPosterior(
        DiagonalGaussian(loc, 0.05 + 0.2 * torch.rand(count, 2, generator=generator))
    )


def _images(count: int) -> Callable[[], Tensor]:
    q, (z1, z2) = _posterior(count), latent_grid(_BOX, 256)
    return lambda: q.grid_log_density(z1, z2)


def _side_of_q(side: int) -> Callable[[], Tensor]:
    q, (z1, z2) = _posterior(10_000), latent_grid(_BOX, side)
    return lambda: q.grid_log_density(z1, z2)


def _point(count: int) -> Callable[[], Tensor]:
    q, z = _posterior(count), torch.zeros(1, 2)
    return lambda: q.log_prob(z)


def _components(count: int) -> Callable[[], Tensor]:
    generator = torch.Generator().manual_seed(0)
    loc = torch.randn(count, 2, generator=generator)
    mixture = DiagonalGaussianMixture(torch.zeros(count), loc, torch.full((count, 2), 0.3))
    return _on_grid(mixture, 256)


def _on_grid(prior: LatentDistribution, side: int) -> Callable[[], Tensor]:
    z1, z2 = latent_grid(_BOX, side)
    return lambda: whole_space(prior).grid_log_density(z1, z2)


def _pixels(count: int) -> Callable[[], Tensor]:
    data = DataRange.of_levels(count, 2)
    decoder = Decoder(data, 2, MlpOptions(), BernoulliOptions())
    decoder.requires_grad_(False)
    z = torch.randn(64, 2)
    return lambda: decoder(z).mean

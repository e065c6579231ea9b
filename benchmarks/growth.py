"""How time and memory grow with the size of what is worked out, against what mathematics says."""

from __future__ import annotations

import math
import multiprocessing
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection

import torch
from torch import Tensor

from benchmarks.result import Result, median
from models.aggregated_posterior import AggregatedPosterior
from models.data_range import DataRange
from models.decoder import Decoder
from models.density import Bounds, grid_log_density, latent_grid
from models.distributions import DiagonalGaussian, DiagonalGaussianMixture, LatentDistribution
from models.hole import Hole, find_holes
from models.likelihoods import BernoulliOptions
from models.nearest import NearestRows
from models.networks import MlpOptions
from models.plane import plane
from models.plane_density import whole_space
from models.priors.flow import FlowOptions, FlowPrior

_BOX = Bounds(-5.0, 5.0, -5.0, 5.0)
_REPEATS = 5
_LEAST_MEGABYTES = 4.0  # less is taken for that much: pages and pools are no growth
_IMAGES = (1_000, 10_000, 60_000, 240_000)
_SIDES = (64, 128, 256, 512)
_COMPONENTS = (16, 64, 256, 512)
_PIXELS = (64, 256, 784, 3072)
# Where most of the prior's mass lies is found by sorting the n = side^2 cells: n log n.
_SORTED = 2 + math.log(math.log(_SIDES[-1]) / math.log(_SIDES[0])) / math.log(
    _SIDES[-1] / _SIDES[0]
)

_Work = Callable[[int], Callable[[], object]]
"""Prepares the work of some size."""


def run() -> list[Result]:
    """Measure the exponents e of seconds and of megabytes ~ size^e, smallest to largest size."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    results = [
        *_growth("q on a grid of 256x256, images", _IMAGES, 1, _images),
        *_growth("q of 10,000 images, side of the grid", _SIDES, 2, _side_of_q),
        *_growth("q at a point, images", _IMAGES, 1, _point),
        *_growth("mixture on 256x256, components", _COMPONENTS, 1, _components),
        *_growth("mixture at 4,096 points, components", _COMPONENTS, 1, _components_at_points),
        *_growth("mixture of 64, side of the grid", _SIDES, 2, _side_of_mixture),
        *_growth("flow, side of the grid", _SIDES, 2, _side_of_flow),
        *_growth("holes of 10,000 images, side of the grid", _SIDES, _SORTED, _side_of_holes),
        *_growth("nearest image, images", _IMAGES, 1, _nearest),
        *_growth("decode 64 z, pixels of an image", _PIXELS, 1, _pixels),
    ]
    torch.set_num_threads(threads)
    return results


def _growth(what: str, sizes: Sequence[int], allowed: float, work: _Work) -> Iterator[Result]:
    ends = (sizes[0], sizes[-1])
    # Before anything is timed, for what was freed then would be used again unseen.
    megabytes = [max(_LEAST_MEGABYTES, _peak_megabytes(work(size))) for size in ends]
    seconds = [median(work(size), _REPEATS) for size in sizes]
    for measured, values in (("time", seconds), ("memory", megabytes)):
        exponent = math.log(values[-1] / values[0]) / math.log(ends[1] / ends[0])
        name = f"growth of {measured}: {what} from {ends[0]} to {ends[1]}"
        yield Result(name, exponent, "exponent", allowed, "the mathematics")


def _peak_megabytes(action: Callable[[], object]) -> float:
    """Return how much more memory a process holds at most while it does that."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_report_peak, args=(action, theirs))
    process.start()
    process.join()
    peak: float = ours.recv()
    return peak


def _report_peak(action: Callable[[], object], to: Connection) -> None:
    idle = _most_kilobytes()
    action()
    to.send((_most_kilobytes() - idle) / 1e3)


def _most_kilobytes() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 if sys.platform == "darwin" else most


def _gaussians(count: int) -> DiagonalGaussian:
    generator = torch.Generator().manual_seed(0)
    loc = 1.2 * torch.randn(count, 2, generator=generator)
    return DiagonalGaussian(loc, 0.05 + 0.2 * torch.rand(count, 2, generator=generator))


def _mixture(count: int) -> DiagonalGaussianMixture:
    loc = torch.randn(count, 2, generator=torch.Generator().manual_seed(0))
    return DiagonalGaussianMixture(torch.zeros(count), loc, torch.full((count, 2), 0.3))


def _images(count: int) -> Callable[[], Tensor]:
    q, (z1, z2) = AggregatedPosterior(_gaussians(count)), latent_grid(_BOX, 256)
    return lambda: q.grid_log_density(z1, z2)


def _side_of_q(side: int) -> Callable[[], Tensor]:
    q, (z1, z2) = AggregatedPosterior(_gaussians(10_000)), latent_grid(_BOX, side)
    return lambda: q.grid_log_density(z1, z2)


def _point(count: int) -> Callable[[], Tensor]:
    q, z = AggregatedPosterior(_gaussians(count)), torch.zeros(1, 2)
    return lambda: q.log_prob(z)


def _components(count: int) -> Callable[[], Tensor]:
    return _on_grid(_mixture(count), 256)


def _components_at_points(count: int) -> Callable[[], Tensor]:
    mixture, (z1, z2) = _mixture(count), latent_grid(_BOX, 64)
    return lambda: grid_log_density(mixture, z1, z2)


def _side_of_mixture(side: int) -> Callable[[], Tensor]:
    return _on_grid(_mixture(64), side)


def _side_of_flow(side: int) -> Callable[[], Tensor]:
    torch.manual_seed(0)
    flow = FlowPrior(FlowOptions(), latent_dim=2).requires_grad_(False)
    for parameter in flow.parameters():  # which begins as the identity
        parameter.add_(0.1 * torch.randn_like(parameter))
    return _on_grid(flow.distribution(), side)


def _on_grid(prior: LatentDistribution, side: int) -> Callable[[], Tensor]:
    density, (z1, z2) = whole_space(prior), latent_grid(_BOX, side)
    return lambda: density.grid_log_density(z1, z2)


def _side_of_holes(side: int) -> Callable[[], list[Hole]]:
    grid = plane(_mixture(16), _gaussians(10_000), _BOX, side)
    return lambda: find_holes(grid, 10.0)


def _nearest(count: int) -> Callable[[], object]:
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randint(0, 17, (count, 64), generator=generator, dtype=torch.uint8)
    rows = NearestRows(pictures, torch.zeros(()), torch.tensor(16.0))
    return lambda: rows.find(pictures[:1] + 1, 1)


def _pixels(count: int) -> Callable[[], Tensor]:
    data = DataRange.of_levels(count, 2)
    decoder = Decoder(data, 2, MlpOptions(), BernoulliOptions())
    decoder.requires_grad_(False)
    z = torch.randn(64, 2)
    return lambda: decoder(z).mean

"""The grid of the aggregated posterior against the textbook broadcast."""

from __future__ import annotations

import math
import resource
import time

import torch
from torch import Tensor

from benchmarks.result import Result, median
from models.aggregated_posterior import AggregatedPosterior
from models.density import Bounds, latent_grid
from models.distributions import DiagonalGaussian

_COUNT, _RESOLUTION, _BROADCAST_CELLS = 60_000, 256, 32
_BOX = Bounds(-5.0, 5.0, -5.0, 5.0)


def broadcast(posterior: DiagonalGaussian, z: Tensor) -> Tensor:
    """Return log q at ``(M, 2)`` points as textbooks have it, one row of N terms for each."""
    terms = torch.distributions.Normal(posterior.loc, posterior.scale).log_prob(z.unsqueeze(1))
    return torch.logsumexp(terms.sum(-1), dim=1) - math.log(len(posterior.loc))


def run() -> list[Result]:
    """Measure seconds and memory for N = 60,000 on a 256x256 grid."""
    generator = torch.Generator().manual_seed(0)
    posterior = DiagonalGaussian(
        1.2 * torch.randn(_COUNT, 2, generator=generator, dtype=torch.float64),
        0.05 + 0.2 * torch.rand(_COUNT, 2, generator=generator, dtype=torch.float64),
    )
    z1, z2 = latent_grid(_BOX, _RESOLUTION)
    q = AggregatedPosterior(posterior)

    idle = _peak_megabytes()
    factorised = median(lambda: q.grid_log_density(z1, z2), repeats=7)
    memory = _peak_megabytes() - idle
    limit = median(lambda: _gemm_and_exponentials(posterior, z1, z2), repeats=7)

    # The broadcast over all 65,536 cells would take minutes: time some, row by row, and scale.
    step = _RESOLUTION // _BROADCAST_CELLS
    cells = torch.cartesian_prod(z1[::step], z2[::step])
    began = time.perf_counter()
    for part in cells.split(16):
        broadcast(posterior, part)
    slow = (time.perf_counter() - began) * _RESOLUTION**2 / len(cells)

    return [
        Result("aggregated posterior 256x256, N = 60,000", factorised, "s", slow, "broadcast"),
        Result("the same, against GEMM and exponentials alone", factorised, "s", limit, "limit"),
        Result("the same, peak memory above idle", memory, "MB"),
    ]


def _gemm_and_exponentials(posterior: DiagonalGaussian, z1: Tensor, z2: Tensor) -> Tensor:
    """Do the least that any exact method of this kind must: the exponentials and the product."""
    density = torch.zeros(len(z2), len(z1), dtype=torch.float64)
    scratch = torch.empty(512, len(z1), dtype=torch.float64)
    for loc in posterior.loc.split(512):
        factor = scratch[: len(loc)]
        torch.sub(z1, loc[:, :1], out=factor).exp_()
        density.addmm_(factor.T, torch.sub(z2, loc[:, 1:]).exp_())
    return density


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

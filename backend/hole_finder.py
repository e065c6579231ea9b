"""The holes of a latent space, each with what comes out of it."""

from __future__ import annotations

import math

import torch

from backend.explore_schemas import HoleInfo, Holes, PlaceInHole
from backend.latent_space import LatentSpace, too_coarse
from backend.loaded_run import LoadedRun
from backend.pictures import shown
from models.estimate import draws_share, quadrature
from models.hole import Hole, find_holes
from models.holes import Atoms, hole_mass

_LISTED_MASS = 1e-4  # a hole that fewer draws than this fall into is counted, not listed
_DRAWS = 20_000  # from p and from the test q, where the latent space is not a plane
_WORST = 12


@torch.inference_mode()
def holes_of(space: LatentSpace, loaded: LoadedRun | None, tau: float) -> Holes:
    """Return the regions where p/q >= tau; outside of planes the draws with the largest p/q.

    ``loaded`` decodes what is found there; without it (a snapshot) there are no pictures.
    """
    if space.latent_dim == 2:
        return _on_plane(space, loaded, tau)
    return _by_draws(space, loaded, tau)


def _on_plane(space: LatentSpace, loaded: LoadedRun | None, tau: float) -> Holes:
    grid = space.plane
    found = find_holes(grid, tau)
    test = space.posteriors("test").grid_log_density(grid.z1, grid.z2)
    points = grid.log_prior.numel()
    of_prior, of_test = (Atoms.of_cells(grid.log_ratio, of) for of in (grid.log_prior, test))
    return Holes(
        checkpoint=space.checkpoint,
        epoch=space.epoch,
        tau=tau,
        hole_mass=quadrature(hole_mass(of_prior, tau), points),
        held_out_mass=quadrature(hole_mass(of_test, tau), points),
        holes=[
            _hole(loaded, rank, hole)
            for rank, hole in enumerate(found, start=1)
            if hole.mass >= _LISTED_MASS
        ],
        found=len(found),
        worst_samples=[],
        note=too_coarse(grid.step, grid.smallest_scale),
    )


def _by_draws(space: LatentSpace, loaded: LoadedRun | None, tau: float) -> Holes:
    generator = torch.Generator().manual_seed(0)
    z = space.prior.sample((_DRAWS,), generator)
    ratio = space.log_ratio(z)
    held_out = space.log_ratio(space.posteriors("test").sample((_DRAWS,), generator).float())
    worst = []
    if loaded is not None:
        worst = [
            _place(loaded, z[row].tolist(), float(ratio[row]))
            for row in ratio.argsort(descending=True)[:_WORST]
        ]
    return Holes(
        checkpoint=space.checkpoint,
        epoch=space.epoch,
        tau=tau,
        hole_mass=draws_share(ratio >= math.log(tau)),
        held_out_mass=draws_share(held_out >= math.log(tau)),
        holes=[],
        found=0,
        worst_samples=worst,
        note=None,
    )


def _hole(loaded: LoadedRun | None, rank: int, hole: Hole) -> HoleInfo:
    at_peak = None
    if loaded is not None:
        at_peak = _place(loaded, list(hole.peak), hole.log_ratio_at_peak)
    return HoleInfo(
        rank=rank,
        mass=hole.mass,
        area=hole.area,
        centroid=hole.centroid,
        peak=hole.peak,
        log_ratio_at_peak=hole.log_ratio_at_peak,
        contour=hole.contour,
        at_peak=at_peak,
    )


def _place(loaded: LoadedRun, z: list[float], log_ratio: float) -> PlaceInHole:
    point = torch.tensor([z], dtype=torch.float32)
    mean = loaded.vae.decode(point).mean
    expected = shown(mean[0], loaded.dataset)
    return PlaceInHole(
        z=z,
        log_ratio=log_ratio,
        image=expected.images,
        value=expected.values,
        nearest=loaded.nearest(mean, 1),
        drift=float(loaded.reencoded(point, mean).drift[0]),
    )

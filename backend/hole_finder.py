"""The holes of a latent space, each with what comes out of it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from backend.explore_schemas import HoleInfo, Holes, PlaceInHole
from backend.latent_space import LatentSpace, too_coarse
from backend.loaded_run import LoadedRun
from backend.pictures import shown
from backend.plane_request import Section
from models.estimate import Estimate, draws_share, quadrature
from models.hole import Hole, find_holes
from models.holes import Atoms, hole_mass
from models.plane_density import MonteCarloMarginal

_LISTED_MASS = 1e-4  # a hole that fewer draws than this fall into is counted, not listed
_DRAWS = 20_000  # from p and from the test q, in more than two dimensions
_WORST = 12


@torch.inference_mode()
def holes_of(
    space: LatentSpace, loaded: LoadedRun | None, section: Section | None, tau: float
) -> Holes:
    """Return the regions where p/q >= tau; of a larger space, those that a plane of it shows.

    ``loaded`` decodes what is found there; without it (a snapshot) there are no pictures.
    """
    grid = space.grid(section)
    found = find_holes(grid, tau)
    test = space.posterior_on(section, "test").grid_log_density(grid.z1, grid.z2)
    of_prior, of_test = (Atoms.of_cells(grid.log_ratio, of) for of in (grid.log_prior, test))
    samples = _samples(space, section)
    on_grid = [_share(hole_mass(atoms, tau), samples, test) for atoms in (of_prior, of_test)]
    whole = None if section is None else _Draws(space, section, tau)
    return Holes(
        checkpoint=space.checkpoint,
        epoch=space.epoch,
        tau=tau,
        plane=None if section is None else space.plane_info(section),
        hole_mass=on_grid[0] if whole is None else whole.hole_mass,
        held_out_mass=on_grid[1] if whole is None else whole.held_out_mass,
        plane_hole_mass=None if whole is None else on_grid[0],
        plane_held_out_mass=None if whole is None else on_grid[1],
        holes=[
            _hole(hole, rank, _at_peak(space, loaded, whole, hole))
            for rank, hole in enumerate(found, start=1)
            if hole.mass >= _LISTED_MASS
        ],
        found=len(found),
        worst_samples=[] if whole is None or loaded is None else whole.worst(loaded),
        note=too_coarse(grid.step, grid.grid_error),
    )


class _Draws:
    """Draws from p and from the test images' q in a space too large for a grid."""

    def __init__(self, space: LatentSpace, section: Section, tau: float) -> None:
        generator = torch.Generator().manual_seed(0)
        self.z = space.prior.sample((_DRAWS,), generator)
        self.log_ratio = space.log_ratio(self.z)
        self._on_plane = section.plane.project(self.z)
        test = space.posteriors("test").sample((_DRAWS,), generator).float()
        self.hole_mass = draws_share(self.log_ratio >= math.log(tau))
        self.held_out_mass = draws_share(space.log_ratio(test) >= math.log(tau))

    def worst(self, loaded: LoadedRun) -> list[PlaceInHole]:
        """Return the draws from p with the largest log-ratio in the whole space."""
        rows = self.log_ratio.argsort(descending=True)[:_WORST].tolist()
        return [_place(loaded, self.z[row].tolist(), float(self.log_ratio[row])) for row in rows]

    def nearest(self, loaded: LoadedRun, hole: Hole) -> PlaceInHole:
        """Return the draw from p that is nearest to the peak of a hole on the plane."""
        distance = (self._on_plane - torch.tensor(hole.peak)).norm(dim=-1)
        row = int(distance.argmin())
        return _place(loaded, self.z[row].tolist(), float(self.log_ratio[row]))


def _samples(space: LatentSpace, section: Section | None) -> int | None:
    """Return the draws behind p on the grid; None where it is exact."""
    prior = space.prior_on(section)
    return prior.samples if isinstance(prior, MonteCarloMarginal) else None


def _share(mass: float, samples: int | None, grid: Tensor) -> Estimate:
    if samples is None:
        return quadrature(mass, grid.numel())
    return Estimate(mass, math.sqrt(mass * (1.0 - mass) / samples), "monte_carlo", samples)


def _at_peak(
    space: LatentSpace, loaded: LoadedRun | None, draws: _Draws | None, hole: Hole
) -> PlaceInHole | None:
    if loaded is None:
        return None
    if draws is not None:
        return draws.nearest(loaded, hole)
    return _place(loaded, list(hole.peak[: space.latent_dim]), hole.log_ratio_at_peak)


def _hole(hole: Hole, rank: int, at_peak: PlaceInHole | None) -> HoleInfo:
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

"""Holes as objects: where they are and how large."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.plane import Plane

# Holes are sought where all but 1 in 1000 draws of the prior fall: beyond, every prior with a
# heavier tail than the data would have one endless hole around everything.
PRIOR_MASS = 0.999


@dataclass(frozen=True)
class Hole:
    """A connected region in which p(z) / q(z) >= threshold, inside the prior's mass."""

    mass: float
    """the prior's probability of it"""
    area: float
    """in squared units of z; on a line, its length"""
    centroid: tuple[float, float]
    """its mean under the prior; of a bent hole it may lie outside"""
    peak: tuple[float, float]
    """the place with the largest log-ratio among its cells"""
    log_ratio_at_peak: float
    contour: list[list[tuple[float, float]]]
    """closed rings of (z1, z2): the outer one first, then those around what it encloses

    On a line: the two ends of the interval, as (z1, 0).
    """


def highest_density_level(log_density: Tensor, mass: float) -> float:
    """Return the log density above which the given share of the grid's mass lies."""
    ordered = log_density.flatten().sort(descending=True).values
    share = ordered.exp().cumsum(0) / ordered.exp().sum()
    return ordered[min(int((share < mass).sum()), len(ordered) - 1)].item()


def find_holes(plane: Plane, threshold: float) -> list[Hole]:
    """Return the connected components of {p/q >= threshold} inside the prior's mass, by mass."""
    excess = torch.minimum(
        plane.log_ratio - math.log(threshold),
        plane.log_prior - highest_density_level(plane.log_prior, PRIOR_MASS),
    ).numpy()
    # Late, as below: a server should not have to wait for it before it listens.
    from scipy import ndimage

    labels, count = ndimage.label(excess >= 0.0)
    holes = [_hole(plane, excess, labels, label) for label in range(1, count + 1)]
    return sorted(holes, key=lambda hole: hole.mass, reverse=True)


def _hole(plane: Plane, excess: NDArray[np.float64], labels: NDArray[np.int32], label: int) -> Hole:
    inside = torch.from_numpy(labels == label)
    rows, columns = inside.nonzero(as_tuple=True)
    density = plane.log_prior[inside].exp()
    weight = density / density.sum()
    on_line = len(plane.z2) == 0
    z1 = plane.z1[columns]
    z2 = torch.zeros_like(z1) if on_line else plane.z2[rows]
    ratio = plane.log_ratio[inside]
    peak = int(ratio.argmax())
    return Hole(
        mass=float(density.sum()) * plane.cell_area,
        area=len(rows) * plane.cell_area,
        centroid=(float(weight @ z1), float(weight @ z2)),
        peak=(float(z1[peak]), float(z2[peak])),
        log_ratio_at_peak=float(ratio[peak]),
        contour=[_interval(plane.z1, excess[0], columns)]
        if on_line
        else _rings(plane, np.where(labels == label, excess, -np.abs(excess))),
    )


def _interval(
    z1: Tensor, excess: NDArray[np.float64], columns: Tensor
) -> list[tuple[float, float]]:
    """Return where ``excess`` (n,) is 0 on either side of the cells in it, or where z1 ends."""
    first, last = int(columns[0]), int(columns[-1])
    left, right = max(0, first - 1), min(len(z1) - 1, last + 1)
    pairs = [left, first], [right, last]
    return [(float(np.interp(0.0, excess[pair], z1[pair])), 0.0) for pair in pairs]


def _rings(plane: Plane, excess: NDArray[np.float64]) -> list[list[tuple[float, float]]]:
    """Return the closed curves on which ``excess`` is 0, the longest (outer) one first."""
    import contourpy

    # A frame of negative cells closes the curves that would end at the edge of the grid.
    framed = np.pad(excess, 1, constant_values=-1.0)
    z1, z2 = _extended(plane.z1), _extended(plane.z2)
    lines = contourpy.contour_generator(z1, z2, framed).lines(0.0)
    rings = sorted((np.asarray(line) for line in lines), key=_extent, reverse=True)
    return [[(float(z1), float(z2)) for z1, z2 in ring] for ring in rings if len(ring) > 3]


def _extended(line: Tensor) -> NDArray[np.float64]:
    step = line[1] - line[0]
    extended: NDArray[np.float64] = torch.cat([line[:1] - step, line, line[-1:] + step]).numpy()
    return extended


def _extent(ring: NDArray[np.float64]) -> float:
    return float(np.prod(ring.max(axis=0) - ring.min(axis=0)))

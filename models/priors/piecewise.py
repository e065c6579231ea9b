"""A flow over a plane, its couplings written out as the pieces of straight lines that they are."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.priors.flow import (
    MAX_LOG_SCALE,
    AffineCoupling,
    ElementwiseAffine,
    FlowDistribution,
    Transform,
)

# Where pieces end that no kink ends. A value is worked out from the nearest end to its left, so
# that nothing cancels far out.
_FAR = (1e3, 1e6, 1e9, 1e12)
_CELLS = 1 << 14  # of a grid at once: they stay in the cache
_LOG_2PI = math.log(2.0 * math.pi)

# NumPy's tanh takes a third of the time of PyTorch's.
_Array = NDArray[np.float64]
_Step = Callable[[_Array, _Array], tuple[_Array, _Array, _Array]]
"""Maps both coordinates towards the base; returns them with log_abs_det_jacobian."""


@dataclass(frozen=True)
class PiecewiseFlow:
    """The density of a ``FlowDistribution`` over a plane, in float64, quick at very many points.

    Both coordinates are arrays of their own, which broadcast against each other: what depends on
    the column of a grid alone is worked out once for each column.
    """

    steps: tuple[_Step, ...]

    def log_prob(self, z1: Tensor, z2: Tensor) -> Tensor:
        """Return the log density at places whose coordinates, in float64, broadcast."""
        return torch.from_numpy(self._log_prob(z1.numpy(), z2.numpy()))

    def grid_log_density(self, z1: Tensor, z2: Tensor) -> Tensor:
        """Return the log density on a regular grid, ``(len(z2), len(z1))``: rows are z2."""
        parts = z2.unsqueeze(-1).split(max(1, _CELLS // len(z1)))
        return torch.cat([self.log_prob(z1.unsqueeze(0), part) for part in parts])

    def _log_prob(self, z1: _Array, z2: _Array) -> _Array:
        log_density: _Array = np.array(-_LOG_2PI)
        for step in self.steps:
            z1, z2, log_abs_det_jacobian = step(z1, z2)
            log_density = log_density + log_abs_det_jacobian
        return log_density - 0.5 * (z1 * z1 + z2 * z2)


@dataclass(frozen=True)
class _PiecewiseCoupling:
    """An ``AffineCoupling`` given one coordinate, as quick as a look-up in a table.

    Its network is then a function of one number, made of straight pieces, for leaky ReLUs have one
    kink. ``values`` are shift + i raw log-scale / MAX_LOG_SCALE at the knots, so that one look-up
    finds both: no approximation.
    """

    transforms_first: bool
    knots: _Array
    values: NDArray[np.complex128]

    def __call__(self, z1: _Array, z2: _Array) -> tuple[_Array, _Array, _Array]:
        given, transformed = (z2, z1) if self.transforms_first else (z1, z2)
        found = np.interp(given, self.knots, self.values)
        narrowing = -MAX_LOG_SCALE * np.tanh(found.imag)
        transformed = (transformed - found.real) * np.exp(narrowing)
        halves = (transformed, given) if self.transforms_first else (given, transformed)
        return *halves, narrowing


@torch.no_grad()
def in_pieces(flow: FlowDistribution) -> PiecewiseFlow:
    """Return the same density over a plane, quicker at very many points.

    Raises:
        TypeError: the flow is made of other things than couplings of one coordinate.
    """
    return PiecewiseFlow(tuple(_step(transform) for transform in flow.transforms))


def _step(transform: Transform) -> _Step:
    match transform:
        case ElementwiseAffine():
            return _affine(transform.loc.double().numpy(), transform.log_scale.double().numpy())
        case AffineCoupling(sizes=[1, 1]):
            knots, values = _pieces(transform.network)
            shift, raw = values.numpy().T
            return _PiecewiseCoupling(
                transform.transforms_first, knots.numpy(), shift + 1j * raw / MAX_LOG_SCALE
            )
    raise TypeError(f"A {type(transform).__name__} cannot be written out in pieces.")


def _affine(loc: _Array, log_scale: _Array) -> _Step:
    narrowing = np.exp(-log_scale)

    def step(z1: _Array, z2: _Array) -> tuple[_Array, _Array, _Array]:
        u1, u2 = ((z - loc[i]) * narrowing[i] for i, z in enumerate((z1, z2)))
        return u1, u2, -log_scale.sum()

    return step


def _pieces(network: nn.Sequential) -> tuple[Tensor, Tensor]:
    """Return the knots ``(P,)`` of a function of one number and its values there, in float64.

    Up to each activation the function is linear between the knots found so far; where a unit
    changes its sign there, its activation bends.
    """
    exact = copy.deepcopy(network).double()
    far = torch.tensor(_FAR, dtype=torch.float64)
    knots = torch.cat([-far.flip(0), far])
    for depth, layer in enumerate(exact):
        if not isinstance(layer, nn.LeakyReLU):
            continue
        before = exact[:depth](knots.unsqueeze(-1))
        left, right = before[:-1], before[1:]
        share = left / (left - right)
        width = (knots[1:] - knots[:-1]).unsqueeze(-1)
        bends = (knots[:-1].unsqueeze(-1) + share * width)[left * right < 0]
        knots = torch.cat([knots, bends]).unique()
    return knots, exact(knots.unsqueeze(-1))

"""Couplings of single coordinates, written out as the pieces of straight lines that they are."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from models.priors.flow import (
    MAX_LOG_SCALE,
    AffineCoupling,
    FlowDistribution,
    Transform,
)

_FAR = 1e9  # where the outermost pieces end


class PiecewiseCoupling:
    """An ``AffineCoupling`` given one coordinate, as quick as a look-up in a table.

    Its network is then a function of one number, made of straight pieces, for leaky ReLUs have one
    kink. Between two kinks shift and raw log-scale are intercept + slope z: no approximation.
    """

    def __init__(self, coupling: AffineCoupling) -> None:
        self._coupling = coupling
        knots, values = _pieces(coupling.network)
        slope = (values[1:] - values[:-1]) / (knots[1:] - knots[:-1]).unsqueeze(-1)
        # Beginning at the end that is nearer to 0, so that nothing cancels far out.
        nearer = torch.where(knots[:-1].abs() < knots[1:].abs(), 0, 1)
        place = torch.arange(len(slope)) + nearer
        intercept = values[place] - slope * knots[place].unsqueeze(-1)
        self._inner = knots[1:-1].float()
        self._table = torch.cat([intercept, slope], dim=1).float()

    def __call__(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Map ``(batch, 2)`` towards the base; return it with log_abs_det_jacobian ``(batch,)``."""
        given, transformed = self._coupling.split(z)
        shift, log_scale = self._shift_and_log_scale(given)
        u = (transformed - shift) * torch.exp(-log_scale)
        return self._coupling.join(given, u), -log_scale.sum(-1)

    def inverse(self, u: Tensor) -> Tensor:
        """Map from the base back to z."""
        return self._coupling.inverse(u)

    def _shift_and_log_scale(self, given: Tensor) -> tuple[Tensor, Tensor]:
        piece = torch.bucketize(given[:, 0].contiguous(), self._inner)
        intercept, slope = self._table[piece].chunk(2, dim=-1)
        shift, raw = torch.addcmul(intercept, slope, given).chunk(2, dim=-1)
        return shift, MAX_LOG_SCALE * torch.tanh(raw / MAX_LOG_SCALE)


@torch.no_grad()
def in_pieces(flow: FlowDistribution) -> FlowDistribution:
    """Return the same density over a plane, quicker at very many points."""
    transforms: list[Transform] = [
        PiecewiseCoupling(step) if isinstance(step, AffineCoupling) else step
        for step in flow.transforms
    ]
    return FlowDistribution(flow.base, transforms)


def _pieces(network: nn.Sequential) -> tuple[Tensor, Tensor]:
    """Return the knots ``(P,)`` of a function of one number and its values there, in float64.

    Up to each activation the function is linear between the knots found so far; where a unit
    changes its sign there, its activation bends.
    """
    exact = copy.deepcopy(network).double()
    knots = torch.tensor([-_FAR, _FAR], dtype=torch.float64)
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

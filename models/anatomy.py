"""What a prior is made of, as places and lines of the latent space."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from models.distributions import DiagonalGaussianMixture, LatentDistribution
from models.priors.base import PriorOptions
from models.priors.flow import FlowDistribution
from models.priors.gtm import GtmOptions, GtmVampPriorOptions

_BASE_EXTENT = 2.5  # of the flow's base, in standard deviations
_BASE_LINES = 11
_LINE_POINTS = 81


@dataclass(frozen=True)
class Anatomy:
    """The parts of a prior; None where it has no such part."""

    what: str
    """a sentence that says what the parts are"""
    mixture: DiagonalGaussianMixture | None = None
    """the components with their weights"""
    pseudo_inputs: Tensor | None = None
    """(K, D) levels"""
    lines: list[Tensor] | None = None
    """polylines (points, L) of a grid mapped into a latent space of at least two dimensions"""


@torch.no_grad()
def anatomy(
    options: PriorOptions, prior: LatentDistribution, pseudo_inputs: Tensor | None
) -> Anatomy:
    """Return the parts of a prior made by ``options``; ``pseudo_inputs`` (K, D) if it has any."""
    (latent_dim,) = prior.event_shape
    if isinstance(prior, DiagonalGaussianMixture):
        on_grid = isinstance(options, GtmOptions | GtmVampPriorOptions)
        return Anatomy(
            what=_WHAT[pseudo_inputs is not None, on_grid],
            mixture=prior,
            pseudo_inputs=pseudo_inputs,
            lines=_grid_lines(prior.component_loc) if on_grid and latent_dim > 1 else None,
        )
    if isinstance(prior, FlowDistribution) and latent_dim != 2:
        return Anatomy(
            what="A Gaussian bent by the flow; its grid is drawn in two dimensions only."
        )
    if isinstance(prior, FlowDistribution):
        return Anatomy(
            what="A square grid of the flow's base, ±2.5 standard deviations, bent by the flow.",
            lines=_warped_base(prior),
        )
    return Anatomy(what="One Gaussian at the origin, with scale 1 in every dimension.")


_WHAT = {
    (False, False): "Gaussians with means, scales and weights of their own.",
    (True, False): "The posteriors of the pseudo-inputs: where the encoder puts each of them.",
    (False, True): "Gaussians at the points of a fixed square grid, mapped by a network.",
    (True, True): "A fixed square grid, mapped to pseudo-inputs and then encoded.",
}


def _grid_lines(loc: Tensor) -> list[Tensor]:
    """Return the rows and columns of the square grid behind ``loc`` (size^2, L)."""
    size = round(len(loc) ** 0.5)
    square = loc.view(size, size, -1)
    return [*square, *square.transpose(0, 1)] if size > 1 else []


def _warped_base(prior: FlowDistribution) -> list[Tensor]:
    """Return lines along both directions of a base of two dimensions, mapped to z."""
    along = torch.linspace(-_BASE_EXTENT, _BASE_EXTENT, _LINE_POINTS)
    across = torch.linspace(-_BASE_EXTENT, _BASE_EXTENT, _BASE_LINES)
    straight = [torch.stack([along, fixed.expand_as(along)], dim=-1) for fixed in across]
    return [prior.to_latent(line) for base in straight for line in (base, base.flip(-1))]

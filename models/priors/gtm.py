"""Priors on the generative topographic mapping: a fixed grid, mapped by a network."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor
from torch.nn import functional

from models.data_range import DataRange
from models.distributions import DiagonalGaussianMixture
from models.encoder import MIN_SCALE, Encoder
from models.nn import mlp, softplus_inverse
from models.priors.base import Prior, PriorOptions, StandalonePrior, Weights, mixture_logits


class _GridOptions(PriorOptions):
    """What both priors on a grid share."""

    grid_size: int = Field(
        4, ge=1, le=22, description="Points along one side; K is the square of it."
    )
    grid_extent: float = Field(
        1.0, gt=0.0, le=10.0, description="The grid reaches from minus to plus this."
    )
    hidden_width: int = Field(64, ge=1, le=1024, description="Units in each hidden layer of g.")
    weights: Weights = Field("learned", description="Mixture weights: learned, or all equal.")


class GtmOptions(_GridOptions):
    """Options of the GTM prior."""

    model_config = ConfigDict(title="GTM")
    kind: Literal["gtm"] = "gtm"


class GtmVampPriorOptions(_GridOptions):
    """Options of the GTM-VampPrior."""

    model_config = ConfigDict(title="GTM-VampPrior")
    kind: Literal["gtm_vampprior"] = "gtm_vampprior"


def square_grid(size: int, extent: float) -> Tensor:
    """Return the ``(size^2, 2)`` points of a regular grid on ``[-extent, extent]^2``."""
    line = torch.linspace(-extent, extent, size) if size > 1 else torch.zeros(1)
    return torch.cartesian_prod(line, line)


class _GridPrior(Prior):
    """A fixed grid u_k, a network g over it (``mapping``), and mixture weights."""

    def __init__(self, options: _GridOptions, out_features: int) -> None:
        super().__init__()
        self.register_buffer("grid", square_grid(options.grid_size, options.grid_extent))
        self.grid: Tensor
        self.mixture_logits = mixture_logits(options.grid_size**2, options.weights)
        hidden = [options.hidden_width, options.hidden_width]
        self.mapping = mlp(2, hidden, out_features, "tanh")


class GtmPrior(_GridPrior, StandalonePrior):
    """p(z) = sum_k w_k N(z; loc(u_k), diag scale(u_k)^2), (loc, scale) = g(u_k).

    The generative topographic mapping of Bishop, Svensén & Williams (1998), with scales of its own
    for each component.
    """

    def __init__(self, options: GtmOptions, latent_dim: int) -> None:
        super().__init__(options, 2 * latent_dim)

    def distribution(self) -> DiagonalGaussianMixture:
        """Return the mixture."""
        loc, raw_scale = self.mapping(self.grid).chunk(2, dim=-1)
        scale = functional.softplus(raw_scale) + MIN_SCALE
        return DiagonalGaussianMixture(self.mixture_logits, loc, scale)

    @torch.no_grad()
    def rescale(self, loc: Tensor, scale: Tensor) -> None:
        """Move and stretch the mapped grid; the scales of its Gaussians follow nearly."""
        weight, bias = self.mapping[-1].parameters()
        latent_dim = len(loc)
        weight[:latent_dim].mul_(scale.unsqueeze(-1))
        bias[:latent_dim].mul_(scale).add_(loc)
        raw_scale = bias[latent_dim:]
        raw_scale.copy_(softplus_inverse(functional.softplus(raw_scale) * scale))


class GtmVampPrior(_GridPrior):
    """p(z) = sum_k w_k q(z | g(u_k)): the grid is mapped to data space, then encoded.

    g ends in a sigmoid between the lowest and the highest value, so that pseudo-inputs stay in the
    data's range.
    """

    def __init__(self, options: GtmVampPriorOptions, data: DataRange) -> None:
        super().__init__(options, data.num_features)
        data.register(self, "low", "high")
        self.low: Tensor
        self.high: Tensor

    @property
    def pseudo_inputs(self) -> Tensor:
        """The pseudo-inputs g(u_k) in the data's own units, ``(K, D)``."""
        mapped: Tensor = self.mapping(self.grid)
        return self.low + (self.high - self.low) * mapped.sigmoid()

    def forward(self, encoder: Encoder) -> DiagonalGaussianMixture:
        """Return the mixture of the pseudo-inputs' posteriors; gradients reach the encoder too."""
        posterior = encoder(self.pseudo_inputs)
        return DiagonalGaussianMixture(self.mixture_logits, posterior.loc, posterior.scale)

"""The VampPrior: a mixture of the posteriors of learned pseudo-inputs."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor, nn

from models.distributions import DiagonalGaussianMixture
from models.encoder import Encoder
from models.priors.base import Initialization, Prior, PriorOptions, Weights, mixture_logits


class VampPriorOptions(PriorOptions):
    """Options of the VampPrior."""

    model_config = ConfigDict(title="VampPrior")
    kind: Literal["vampprior"] = "vampprior"
    num_components: int = Field(16, ge=1, le=512, description="K, the number of pseudo-inputs.")
    weights: Weights = Field("learned", description="Mixture weights: learned, or all equal.")
    initialization: Initialization = Field(
        "data",
        description="Where the pseudo-inputs start: training images with a little noise, or noise.",
    )


class VampPrior(Prior):
    """p(z) = sum_k w_k q(z | u_k) (Tomczak & Welling 2018, eq. 9).

    The pseudo-inputs u_k live in data space, ``(K, D)`` levels in ``(0, num_values - 1)``. They are
    kept in the range by a sigmoid, whose gradient never dies as that of clipping does.
    """

    def __init__(self, options: VampPriorOptions, num_features: int, num_values: int) -> None:
        super().__init__()
        self.options = options
        self.max_level = num_values - 1
        self.mixture_logits = mixture_logits(options.num_components, options.weights)
        self.raw_pseudo_inputs = nn.Parameter(torch.randn(options.num_components, num_features))

    @property
    def pseudo_inputs(self) -> Tensor:
        """The pseudo-inputs as levels, ``(K, D)``."""
        return self.max_level * self.raw_pseudo_inputs.sigmoid()

    def forward(self, encoder: Encoder) -> DiagonalGaussianMixture:
        """Return the mixture of the pseudo-inputs' posteriors; gradients reach the encoder too."""
        posterior = encoder(self.pseudo_inputs)
        return DiagonalGaussianMixture(self.mixture_logits, posterior.loc, posterior.scale)

    @torch.no_grad()
    def initialize(self, encoder: Encoder, x: Tensor, generator: torch.Generator) -> None:
        """Start from random training images plus small noise, where the options ask for it."""
        if self.options.initialization == "random":
            return
        self.raw_pseudo_inputs.copy_(
            _near_training_images(x, self.options.num_components, self.max_level, generator)
        )


def _near_training_images(
    x: Tensor, count: int, max_level: int, generator: torch.Generator
) -> Tensor:
    """Return ``(count, D)`` logits of random training images, a little off black and white."""
    rows = torch.randperm(len(x), generator=generator)
    rows = rows[torch.arange(count) % len(x)]
    share = (x[rows].float() / max_level).clamp(0.05, 0.95)
    noise = torch.randn(share.shape, generator=generator)
    return torch.logit(share) + 0.1 * noise

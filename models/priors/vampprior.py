"""The VampPrior: a mixture of the posteriors of learned pseudo-inputs."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor, nn

from models.data_range import DataRange
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

    The pseudo-inputs u_k live in data space, ``(K, D)``, between the lowest and the highest value
    there. They are kept there by a sigmoid, whose gradient never dies as that of clipping does.
    """

    def __init__(self, options: VampPriorOptions, data: DataRange) -> None:
        super().__init__()
        self.options = options
        data.register(self, "low", "high")
        self.low: Tensor
        self.high: Tensor
        self.mixture_logits = mixture_logits(options.num_components, options.weights)
        self.raw_pseudo_inputs = nn.Parameter(
            torch.randn(options.num_components, data.num_features)
        )

    @property
    def pseudo_inputs(self) -> Tensor:
        """The pseudo-inputs in the data's own units, ``(K, D)``."""
        return self.low + (self.high - self.low) * self.raw_pseudo_inputs.sigmoid()

    def forward(self, encoder: Encoder) -> DiagonalGaussianMixture:
        """Return the mixture of the pseudo-inputs' posteriors; gradients reach the encoder too."""
        posterior = encoder(self.pseudo_inputs)
        return DiagonalGaussianMixture(self.mixture_logits, posterior.loc, posterior.scale)

    @torch.no_grad()
    def initialize(self, encoder: Encoder, x: Tensor, generator: torch.Generator) -> None:
        """Start near random training images, a little off black and white, where that is asked."""
        if self.options.initialization == "random":
            return
        chosen = _random_rows(x, self.options.num_components, generator)
        # A value that never changes has no width.
        width = (self.high - self.low).clamp_min(torch.finfo(self.low.dtype).tiny)
        share = ((chosen.to(self.low.dtype) - self.low) / width).clamp(0.05, 0.95)
        noise = torch.randn(share.shape, generator=generator)
        self.raw_pseudo_inputs.copy_(torch.logit(share) + 0.1 * noise)


def _random_rows(x: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return ``count`` random rows of ``x``, repeated where there are too few."""
    rows = torch.randperm(len(x), generator=generator)
    return x[rows[torch.arange(count) % len(x)]]

"""The standard normal and the mixture of Gaussians."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from models.distributions import DiagonalGaussianMixture, StandardNormal
from models.encoder import MIN_SCALE, Encoder
from models.encoding import encode, evenly
from models.nn import softplus_inverse
from models.priors.base import (
    Initialization,
    PriorOptions,
    StandalonePrior,
    Weights,
    mixture_logits,
)

_SPREAD_OVER = 10_000  # images, at most, over whose codes the Gaussians are spread


class StandardOptions(PriorOptions):
    """The standard normal has nothing to set."""

    model_config = ConfigDict(title="Standard normal")
    kind: Literal["standard"] = "standard"


class StandardPrior(StandalonePrior):
    """p(z) = N(z; 0, I) (Kingma & Welling 2014). No parameters."""

    def __init__(self, options: StandardOptions, latent_dim: int) -> None:
        super().__init__()
        self.register_buffer("_like", torch.zeros(latent_dim), persistent=False)
        self._like: Tensor

    def distribution(self) -> StandardNormal:
        """Return N(0, I)."""
        return StandardNormal(self._like)


class MogOptions(PriorOptions):
    """Options of the mixture of Gaussians."""

    model_config = ConfigDict(title="Mixture of Gaussians")
    kind: Literal["mog"] = "mog"
    num_components: int = Field(16, ge=1, le=512, description="K, the number of Gaussians.")
    weights: Weights = Field("learned", description="Mixture weights: learned, or all equal.")
    initialization: Initialization = Field(
        "data",
        description="Where the Gaussians start: spread over the encoded data, or drawn at random.",
    )


class MogPrior(StandalonePrior):
    """p(z) = sum_k w_k N(z; loc_k, diag scale_k^2) with free loc, scale and w."""

    def __init__(self, options: MogOptions, latent_dim: int) -> None:
        super().__init__()
        self.options = options
        self.mixture_logits = mixture_logits(options.num_components, options.weights)
        self.component_loc = nn.Parameter(torch.randn(options.num_components, latent_dim))
        self.raw_scale = nn.Parameter(torch.zeros(options.num_components, latent_dim))

    def distribution(self) -> DiagonalGaussianMixture:
        """Return the mixture."""
        scale = functional.softplus(self.raw_scale) + MIN_SCALE
        return DiagonalGaussianMixture(self.mixture_logits, self.component_loc, scale)

    @torch.no_grad()
    def initialize(self, encoder: Encoder, x: Tensor, generator: torch.Generator) -> None:
        """Spread the Gaussians over the encoded data, where the options ask for it."""
        if self.options.initialization == "random":
            return
        loc = encode(encoder, evenly(x, _SPREAD_OVER)).loc
        z = loc - loc.mean(0)
        z = z / z.std(0).clamp_min(MIN_SCALE)
        self.component_loc.copy_(_spread(z, self.options.num_components, generator))

    @torch.no_grad()
    def rescale(self, loc: Tensor, scale: Tensor) -> None:
        """Move and stretch every Gaussian."""
        self.component_loc.mul_(scale).add_(loc)
        wanted = self.distribution().component_scale * scale
        self.raw_scale.copy_(softplus_inverse(wanted - MIN_SCALE))


def _spread(z: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Choose ``count`` rows of z, each drawn with the squared distance to those before it.

    The seeding of k-means++ (Arthur & Vassilvitskii 2007). Rows repeat where there are too few.
    """
    chosen = z[torch.randint(len(z), (1,), generator=generator)]
    while len(chosen) < count:
        distance = torch.cdist(z, chosen).amin(1).square() + 1e-12
        chosen = torch.cat([chosen, z[torch.multinomial(distance, 1, generator=generator)]])
    return chosen

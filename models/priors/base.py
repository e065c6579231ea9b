"""What every prior is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from models.distributions import LatentDistribution
from models.encoder import Encoder

Weights = Literal["learned", "uniform"]
Initialization = Literal["data", "random"]


class PriorOptions(BaseModel):
    """Options of a prior; each subclass narrows ``kind`` to the name in the registry."""

    model_config = ConfigDict(extra="forbid")
    kind: str


class Prior(nn.Module, ABC):
    """p(z): a module which, called with the encoder, returns a distribution over z.

    The encoder is passed in and not kept: priors that are made of posteriors (the VampPrior) share
    it with the VAE, and its parameters must appear there alone.
    """

    @abstractmethod
    def forward(self, encoder: Encoder) -> LatentDistribution:
        """Return p(z) for the parameters as they are now."""

    @property
    def pseudo_inputs(self) -> Tensor | None:
        """The learned rows of data behind the components, ``(K, D)``; None without any."""
        return None

    @torch.no_grad()
    def initialize(self, encoder: Encoder, x: Tensor, generator: torch.Generator) -> None:
        """Set parameters from the training images ``x`` (N, D), once, before the first step."""

    @torch.no_grad()
    def rescale(self, loc: Tensor, scale: Tensor) -> None:
        """Move the density by z -> loc + scale z, both ``(L,)``, if it has parameters for that.

        For priors that ``initialize`` places at unit scale, where the encoder is trained already.
        """


class StandalonePrior(Prior):
    """A prior whose density the encoder plays no part in."""

    @abstractmethod
    def distribution(self) -> LatentDistribution:
        """Return p(z) for the parameters as they are now."""

    def forward(self, encoder: Encoder) -> LatentDistribution:
        """Return p(z)."""
        return self.distribution()


def mixture_logits(num_components: int, weights: Weights) -> nn.Parameter:
    """Return logits ``(K,)`` of equal weights, trainable where the weights are learned."""
    return nn.Parameter(torch.zeros(num_components), requires_grad=weights == "learned")

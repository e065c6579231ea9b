"""The categorical likelihood: every level has a probability of its own."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor
from torch.nn import functional

from models.likelihoods.base import LikelihoodOptions


class CategoricalOptions(LikelihoodOptions):
    """Options of the categorical likelihood."""

    model_config = ConfigDict(title="Categorical")
    kind: Literal["categorical"] = "categorical"
    num_values: int | None = Field(
        None,
        ge=2,
        le=256,
        description="Levels that are told apart; empty: all of the data's. With fewer, "
        "neighbouring levels share a bin, and its probability in equal parts.",
    )


class CategoricalLikelihood:
    """p(x|z) = prod_d softmax(logits_d)[x_d]; ``logits`` is ``(..., D, num_values)``.

    Worked out from logits throughout: clamping probabilities would leave the density unnormalised
    and its gradients dead.
    """

    def __init__(self, logits: Tensor) -> None:
        self.logits = logits

    @property
    def num_values(self) -> int:
        """The number of levels a value can take."""
        return self.logits.shape[-1]

    @property
    def mean(self) -> Tensor:
        """The expected level of every value, ``(..., D)`` in ``[0, num_values - 1]``."""
        levels = torch.arange(self.num_values, dtype=self.logits.dtype, device=self.logits.device)
        return self.logits.softmax(-1) @ levels

    def log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x|z) in nats, summed over the D values: ``(..., D) -> (...)``."""
        x = x.expand(self.logits.shape[:-1])
        loss = functional.cross_entropy(
            self.logits.reshape(-1, self.num_values), x.reshape(-1).long(), reduction="none"
        )
        return -loss.view(x.shape).sum(-1)

    def pairwise_log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x|z) of every image for every z: logits ``(M, D, V)``, ``(N, D) -> (M, N)``.

        One matrix product of the log probabilities with the images as one-hot vectors.
        """
        one_hot = functional.one_hot(x.long(), self.num_values).to(self.logits.dtype)
        return self.logits.log_softmax(-1).flatten(1) @ one_hot.flatten(1).T

    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(s,)`` images of whole levels for each z: ``(s, ..., D)``."""
        (n,) = sample_shape
        probabilities = self.logits.softmax(-1).reshape(-1, self.num_values)
        draws = torch.multinomial(probabilities, n, replacement=True, generator=generator)
        return draws.T.reshape(n, *self.logits.shape[:-1])

"""The Bernoulli likelihood: ink or no ink."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import ConfigDict
from torch import Tensor
from torch.nn import functional

from models.data_range import DataRange, DataShape
from models.likelihoods.base import Likelihood, LikelihoodHead, LikelihoodOptions


class BernoulliOptions(LikelihoodOptions):
    """The Bernoulli likelihood has nothing to set."""

    model_config = ConfigDict(title="Bernoulli")
    kind: Literal["bernoulli"] = "bernoulli"

    def misfit(self, data: DataShape) -> str | None:
        """Return why the values are no ink, if they are not."""
        if data.num_values is None:
            return "A Bernoulli likelihood needs levels; these values are real numbers."
        return None

    def unit(self, data: DataShape) -> str:
        """Return what its likelihoods are of."""
        if data.num_values == 2:
            return "the binary values as given"
        return (
            "binarised pictures: each pixel drawn black or white, white with a probability of its "
            "level over the highest (seeded draws; the ELBO is the mean over all of them); it "
            "does not compare with likelihoods of the grey levels"
        )

    def build(self, data: DataRange) -> LikelihoodHead:
        """Return the head."""
        return BernoulliHead(self, data)


class BernoulliLikelihood(Likelihood):
    """p(b|z) = prod_d p_d^b_d (1 - p_d)^(1 - b_d), p = sigmoid(logits); ``logits`` (*batch, D).

    x are levels, 0 for b = 0 and ``max_level`` for b = 1. A level x between them is read as the
    probability of ink: its log_prob is the mean of log p(b|z) over b ~ Bernoulli(x / max_level).
    """

    def __init__(self, logits: Tensor, max_level: int) -> None:
        self.logits = logits
        self.max_level = max_level

    @property
    def mean(self) -> Tensor:
        """The expected level of every value."""
        return self.max_level * self.logits.sigmoid()

    def log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x|z), for greys the mean over their binarisations."""
        ink = (x.to(self.logits.dtype) / self.max_level).expand(self.logits.shape)
        loss = functional.binary_cross_entropy_with_logits(self.logits, ink, reduction="none")
        return -loss.sum(-1)

    def pairwise_log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x|z) of all pairs: log p = x . logits - sum softplus(logits)."""
        ink = x.to(self.logits.dtype) / self.max_level
        return torch.addmm(
            -functional.softplus(self.logits).sum(-1, keepdim=True), self.logits, ink.T
        )

    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw rows that are black or white."""
        shape = (*sample_shape, *self.logits.shape)
        noise = torch.rand(
            shape, generator=generator, dtype=self.logits.dtype, device=self.logits.device
        )
        return self.max_level * (noise < self.logits.sigmoid()).to(self.logits.dtype)


class BernoulliHead(LikelihoodHead):
    """One logit for each value."""

    outputs = 1

    def __init__(self, options: BernoulliOptions, data: DataRange) -> None:
        super().__init__()
        assert data.num_values is not None
        self.max_level = data.num_values - 1
        self.pairwise_work = data.num_features

    def forward(self, raw: Tensor) -> BernoulliLikelihood:
        """Turn ``(*batch, D, 1)`` into p(x|z)."""
        return BernoulliLikelihood(raw.squeeze(-1), self.max_level)

    def measured(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Binarise greys: levels between black and white have no likelihood, binary ones do."""
        if self.max_level == 1:
            return x
        noise = torch.rand(x.shape, generator=generator)
        return self.max_level * (noise < x.float() / self.max_level).to(x.dtype)

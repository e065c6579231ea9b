"""The Gaussian likelihood of real numbers."""

from __future__ import annotations

import math
from typing import Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from models.data_range import DataRange, DataShape
from models.likelihoods.base import Likelihood, LikelihoodHead, LikelihoodOptions, Scale
from models.nn import softplus_inverse

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


class GaussianOptions(LikelihoodOptions):
    """Options of the Gaussian likelihood."""

    model_config = ConfigDict(title="Gaussian likelihood")
    kind: Literal["gaussian"] = "gaussian"
    scale: Scale = Field(
        "learned",
        description="The standard deviation: learned, one for each value, or predicted by the "
        "decoder for every z.",
    )
    min_scale: float = Field(
        0.05,
        gt=0.0,
        le=1.0,
        description="Lower bound of it, in standard deviations of the training data: without one "
        "a value that repeats would be worth any density.",
    )

    def misfit(self, data: DataShape) -> str | None:
        """Return why this does not fit the data, if it does not."""
        if data.num_values is None:
            return None
        return (
            f"A Gaussian is a density over real numbers; these are {data.num_values} levels, and a "
            "density that narrows on levels is worth anything."
        )

    def unit(self, data: DataShape) -> str:
        """Return what its likelihoods are of."""
        return (
            "a density over the values as given: in other units it would differ by a constant, "
            "and it does not compare with probabilities of levels"
        )

    def build(self, data: DataRange) -> LikelihoodHead:
        """Return the head."""
        return GaussianHead(self, data)


class GaussianLikelihood(Likelihood):
    """p(x|z) = prod_d N(x_d; offset_d + unit_d loc_d, (unit_d scale_d)^2), in the data's units.

    ``loc`` (*batch, D) and ``scale``, of that shape or (D,), are in standardised units; ``offset``
    and ``unit`` (D,) lead back to the data's.
    """

    def __init__(self, loc: Tensor, scale: Tensor, offset: Tensor, unit: Tensor) -> None:
        self.loc = loc
        self.scale = scale
        self.offset = offset
        self.unit = unit

    @property
    def mean(self) -> Tensor:
        """The expected value, ``(*batch, D)``."""
        return self.offset + self.unit * self.loc

    def log_prob(self, x: Tensor) -> Tensor:
        """Return the log density in nats, summed over the D values: ``(..., D) -> (*batch)``."""
        distance = ((x - self.offset) / self.unit - self.loc) / self.scale
        terms = -0.5 * distance.square() - self.scale.log() - self.unit.log() - _HALF_LOG_2PI
        return terms.sum(-1)

    def pairwise_log_prob(self, x: Tensor) -> Tensor:
        """Return the log density of all pairs, for loc ``(M, D)``: ``(N, D) -> (M, N)``.

        The square is multiplied out, so that matrix products do it; in float64, for its terms are
        larger than their sum.
        """
        y = ((x - self.offset) / self.unit).double()
        loc, scale = self.loc.double(), self.scale.expand_as(self.loc).double()
        precision = scale.square().reciprocal()
        constant = (
            -0.5 * precision * loc.square() - scale.log() - self.unit.double().log() - _HALF_LOG_2PI
        )
        log_prob = (precision * loc) @ y.T - 0.5 * precision @ y.square().T
        return (log_prob + constant.sum(-1, keepdim=True)).to(self.loc.dtype)

    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw rows in the data's units."""
        shape, like = (*sample_shape, *self.loc.shape), self.loc
        noise = torch.randn(shape, generator=generator, dtype=like.dtype, device=like.device)
        return self.offset + self.unit * (self.loc + self.scale * noise)


class GaussianHead(LikelihoodHead):
    """A location for each value, and a scale, learned or predicted."""

    def __init__(self, options: GaussianOptions, data: DataRange) -> None:
        super().__init__()
        data.register(self, "offset", "scale")
        self.offset: Tensor
        self.scale: Tensor
        self.min_scale = options.min_scale
        self.pairwise_work = 4 * data.num_features  # two products, of double precision
        # Training starts from scale 1 (or a little more, where that is the bound).
        start = max(1.0 - options.min_scale, 0.05)
        self.first_scale = float(softplus_inverse(torch.tensor(start)))
        self.raw_scale = None
        self.outputs = 2
        if options.scale == "learned":
            self.outputs = 1
            self.raw_scale = nn.Parameter(torch.zeros(data.num_features))

    def forward(self, raw: Tensor) -> GaussianLikelihood:
        """Turn ``(*batch, D, P)`` into p(x|z)."""
        raw_scale = raw[..., 1] if self.raw_scale is None else self.raw_scale
        scale = functional.softplus(raw_scale + self.first_scale) + self.min_scale
        return GaussianLikelihood(raw[..., 0], scale, self.offset, self.scale)

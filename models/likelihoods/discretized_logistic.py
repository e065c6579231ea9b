"""The discretised logistic likelihood: levels as intervals of a continuous density."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from models.data_range import DataRange, DataShape
from models.likelihoods.base import Likelihood, LikelihoodHead, LikelihoodOptions, Scale
from models.nn import softplus_inverse

# Of half a level's width. Narrower, the closed form of the mean would be off by more than a
# twentieth of a level; three quarters of the probability can be put on one level with it.
_MIN_SCALE = 0.5
_FIRST_SCALE = 0.2  # where training starts, of a range from -1 to 1
_LOOKUP = 24  # multiplications of a matrix product take as long as one look-up in a table
_ENTRY = 1000  # multiplications of a matrix product take as long as one entry of such a table
_TABLE = 1 << 24  # log probabilities of every level at once: bounds the memory


class DiscretizedLogisticOptions(LikelihoodOptions):
    """Options of the discretised logistic likelihood."""

    model_config = ConfigDict(title="Discretised logistic")
    kind: Literal["discretized_logistic"] = "discretized_logistic"
    scale: Scale = Field(
        "predicted",
        description="The width of each value's density: predicted by the decoder for every z, or "
        "learned, one number for each value.",
    )

    def misfit(self, data: DataShape) -> str | None:
        """Return why this does not fit the data, if it does not."""
        if data.num_values is None:
            return "A discretised logistic likelihood needs levels; these values are real numbers."
        if data.num_values == 2:
            return "Two levels leave a discretised logistic likelihood nothing to be near to."
        return None

    def unit(self, data: DataShape) -> str:
        """Return what its likelihoods are of."""
        return f"the values as given, {data.num_values} levels"

    def build(self, data: DataRange) -> LikelihoodHead:
        """Return the head."""
        return DiscretizedLogisticHead(self, data)


class DiscretizedLogisticLikelihood(Likelihood):
    """P(x = k) = sigmoid((k + 1/2 - m) / s) - sigmoid((k - 1/2 - m) / s) for levels k.

    The lowest level has all below it, too, the highest all above it (Salimans et al. 2017, eq. 2).
    ``loc`` and ``scale`` are ``(*batch, D)`` in units in which the levels run from -1 to 1.
    """

    def __init__(self, loc: Tensor, scale: Tensor, max_level: int) -> None:
        self.loc = loc
        self.scale = scale
        self.max_level = max_level

    @property
    def half_level(self) -> float:
        """Half the distance of two levels, in units of ``loc``."""
        return 1.0 / self.max_level

    @property
    def mean(self) -> Tensor:
        """The expected level of every value, right to a twentieth of a level.

        Sum over the levels k >= 1 of P(x >= k), by the midpoint rule read as an integral.
        """
        below = functional.softplus((self.loc + 1.0) / self.scale)
        above = functional.softplus((self.loc - 1.0) / self.scale)
        return (0.5 * self.max_level * self.scale * (below - above)).clamp(0, self.max_level)

    def log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x|z) in nats, summed over the D values: ``(..., D) -> (*batch)``."""
        return self._log_prob(x).sum(-1)

    def _log_prob(self, x: Tensor) -> Tensor:
        """Return the log probability of every value.

        log[sigmoid(a) - sigmoid(b)] = log sigmoid(a) + log sigmoid(-b) + log(1 - e^(b - a)): no
        difference of nearly equal numbers, and a - b depends on the scale alone.
        """
        level = x.to(self.loc.dtype)
        from_loc = (2.0 * level / self.max_level - 1.0) - self.loc
        upper = functional.logsigmoid((from_loc + self.half_level) / self.scale)
        lower = functional.logsigmoid(-(from_loc - self.half_level) / self.scale)
        inside = torch.log(-torch.expm1(-2.0 * self.half_level / self.scale))
        lowest, highest = level == 0, level == self.max_level
        return (
            upper.masked_fill(highest, 0.0)
            + lower.masked_fill(lowest, 0.0)
            + inside.masked_fill(lowest | highest, 0.0)
        )

    def pairwise_log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x|z) of all pairs, for loc ``(M, D)``: ``(N, D) -> (M, N)``.

        Every level's log probability is worked out once for each z and then looked up: a product
        of one-hot rows with the table, of which only the ones are added up.
        """
        count, width = self.max_level + 1, self.loc.shape[1]
        levels = torch.arange(count, device=self.loc.device).view(-1, 1, 1)
        places = x.long() + count * torch.arange(width, device=x.device)
        rows = max(1, _TABLE // (count * width))
        parts = zip(self.loc.split(rows), self.scale.expand_as(self.loc).split(rows), strict=True)
        looked_up = []
        for loc, scale in parts:
            part = DiscretizedLogisticLikelihood(loc, scale, self.max_level)
            table = part._log_prob(levels).permute(2, 0, 1).reshape(width * count, -1)
            looked_up.append(functional.embedding_bag(places, table, mode="sum").T)
        return torch.cat(looked_up)

    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw rows of whole levels: a logistic draw, rounded to the nearest level."""
        shape, like = (*sample_shape, *self.loc.shape), self.loc
        noise = torch.rand(shape, generator=generator, dtype=like.dtype, device=like.device)
        drawn = self.loc + self.scale * torch.logit(noise)
        return (0.5 * self.max_level * (drawn + 1.0)).round().clamp(0, self.max_level)


class DiscretizedLogisticHead(LikelihoodHead):
    """A location for each value, and a scale, predicted or learned."""

    def __init__(self, options: DiscretizedLogisticOptions, data: DataRange) -> None:
        super().__init__()
        assert data.num_values is not None
        self.max_level = data.num_values - 1
        self.pairwise_work = _LOOKUP * data.num_features
        self.place_work = _ENTRY * data.num_values * data.num_features
        self.min_scale = _MIN_SCALE / self.max_level
        self.first_scale = float(
            softplus_inverse(torch.tensor(max(_FIRST_SCALE - self.min_scale, self.min_scale)))
        )
        self.raw_scale = None
        self.outputs = 2
        if options.scale == "learned":
            self.outputs = 1
            self.raw_scale = nn.Parameter(torch.zeros(data.num_features))

    def forward(self, raw: Tensor) -> DiscretizedLogisticLikelihood:
        """Turn ``(*batch, D, P)`` into p(x|z)."""
        raw_scale = raw[..., 1] if self.raw_scale is None else self.raw_scale
        scale = functional.softplus(raw_scale + self.first_scale) + self.min_scale
        return DiscretizedLogisticLikelihood(raw[..., 0], scale, self.max_level)

"""The categorical likelihood: every level has a probability of its own."""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from models.data_range import DataRange, DataShape
from models.likelihoods.base import Likelihood, LikelihoodHead, LikelihoodOptions
from models.likelihoods.level_log_prob import level_log_prob

_ONE_HOT = 1 << 25  # numbers of one-hot vectors at once: bounds the memory
_MOST_OUTPUTS = 1 << 18  # of the decoder, for which its last layer alone would take 256 MB


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

    def bins(self, data: DataShape) -> int:
        """Return B, the number of levels that are told apart."""
        return self.num_values or data.num_values or 2

    def misfit(self, data: DataShape) -> str | None:
        """Return why this does not fit the data, if it does not."""
        if data.num_values is None:
            return "A categorical likelihood needs levels; these values are real numbers."
        bins = self.bins(data)
        if bins > data.num_values:
            return f"{bins} levels cannot be told apart: the data has {data.num_values}."
        if bins * data.num_features > _MOST_OUTPUTS:
            return (
                f"{bins} levels of {data.num_features} values would be "
                f"{bins * data.num_features} outputs of the decoder, more than {_MOST_OUTPUTS}. "
                f"Set num_values to {max(2, _MOST_OUTPUTS // data.num_features)} or fewer."
            )
        return None

    def unit(self, data: DataShape) -> str:
        """Return what its likelihoods are of."""
        given = f"the values as given, {data.num_values} levels"
        if self.bins(data) == data.num_values:
            return given
        return f"{given} (told apart in {self.bins(data)} bins, whose levels are equally likely)"

    def build(self, data: DataRange) -> LikelihoodHead:
        """Return the head."""
        return CategoricalHead(self, data)


class CategoricalLikelihood(Likelihood):
    """p(x|z) = prod_d softmax(logits_d)[x_d]; ``logits`` is ``(*batch, D, B)``.

    With ``bins``, the levels are put into B bins first, which share their probability in equal
    parts: p(x|z) stays normalised over the original levels.
    """

    def __init__(self, logits: Tensor, bins: Bins | None = None) -> None:
        self.logits = logits
        self.bins = bins

    @property
    def num_values(self) -> int:
        """The number of levels that are told apart."""
        return self.logits.shape[-1]

    @property
    def mean(self) -> Tensor:
        """The expected level of every value, ``(*batch, D)``."""
        if self.bins is None:
            levels = torch.arange(
                self.num_values, dtype=self.logits.dtype, device=self.logits.device
            )
        else:
            levels = self.bins.middle.to(self.logits.dtype)
        return self.logits.softmax(-1) @ levels

    def log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x|z) in nats, summed over the D values: ``(..., D) -> (*batch)``."""
        chosen = x.long() if self.bins is None else self.bins.of_level[x.long()]
        chosen = chosen.expand(self.logits.shape[:-1])
        logits = self.logits.reshape(-1, self.num_values)
        log_prob = level_log_prob(logits, chosen.reshape(-1)).view(chosen.shape).sum(-1)
        return log_prob if self.bins is None else log_prob - self.bins.log_share(x)

    def pairwise_log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x|z) of all pairs: logits ``(M, D, B)``, ``(N, D) -> (M, N)``.

        One matrix product of the log probabilities with the rows as one-hot vectors.
        """
        log_probs = self.logits.log_softmax(-1).flatten(1)
        rows = max(1, _ONE_HOT // log_probs.shape[1])
        return torch.cat([self._pairwise(log_probs, part) for part in x.split(rows)], dim=1)

    def _pairwise(self, log_probs: Tensor, x: Tensor) -> Tensor:
        chosen = x.long() if self.bins is None else self.bins.of_level[x.long()]
        one_hot = functional.one_hot(chosen, self.num_values).to(log_probs.dtype)
        product = log_probs @ one_hot.flatten(1).T
        return product if self.bins is None else product - self.bins.log_share(x)

    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(s,)`` rows of whole levels for each z: ``(s, *batch, D)``."""
        (n,) = sample_shape
        probabilities = self.logits.softmax(-1).reshape(-1, self.num_values)
        draws = torch.multinomial(probabilities, n, replacement=True, generator=generator)
        draws = draws.T.reshape(n, *self.logits.shape[:-1])
        return draws if self.bins is None else self.bins.sample(draws, generator)


class Bins(nn.Module):
    """V levels in B bins of neighbours, as equal in size as can be; buffers alone."""

    def __init__(self, num_bins: int, num_values: int) -> None:
        super().__init__()
        of_level = torch.arange(num_values) * num_bins // num_values
        size = torch.bincount(of_level, minlength=num_bins)
        first = size.cumsum(0) - size
        self.register_buffer("of_level", of_level, persistent=False)
        self.register_buffer("first", first, persistent=False)
        self.register_buffer("size", size, persistent=False)
        self.of_level: Tensor
        self.first: Tensor
        self.size: Tensor

    @property
    def middle(self) -> Tensor:
        """The mean level of each bin, ``(B,)``."""
        return self.first + (self.size - 1) / 2

    def log_share(self, x: Tensor) -> Tensor:
        """Return the logs of the sizes of the bins that the levels are in, summed over D."""
        return self.size.log()[self.of_level[x.long()]].sum(-1)

    def sample(self, bins: Tensor, generator: torch.Generator | None) -> Tensor:
        """Draw a level of each of ``bins``, evenly."""
        noise = torch.rand(bins.shape, generator=generator, device=bins.device)
        # Just below 1 the product may round up to the size itself.
        step = (noise * self.size[bins]).long().minimum(self.size[bins] - 1)
        return self.first[bins] + step


class CategoricalHead(LikelihoodHead):
    """A logit for each bin of each value."""

    def __init__(self, options: CategoricalOptions, data: DataRange) -> None:
        super().__init__()
        assert data.num_values is not None
        self.outputs = options.bins(data)
        self.pairwise_work = data.num_features * self.outputs
        binned = self.outputs < data.num_values
        self.bins = Bins(self.outputs, data.num_values) if binned else None

    def forward(self, raw: Tensor) -> CategoricalLikelihood:
        """Turn ``(*batch, D, B)`` into p(x|z)."""
        return CategoricalLikelihood(raw, self.bins)

"""The decoder: z -> p(x|z)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from models.likelihoods import CategoricalLikelihood
from models.nn import Activation, mlp


class Decoder(nn.Module):
    """z -> logits of ``num_values`` levels for each of the D values."""

    def __init__(
        self,
        latent_dim: int,
        num_features: int,
        num_values: int,
        hidden: Sequence[int] = (256, 256),
        activation: Activation = "leaky_relu",
    ) -> None:
        super().__init__()
        self._shape = (num_features, num_values)
        self.network = mlp(latent_dim, hidden, num_features * num_values, activation)

    def forward(self, z: Tensor) -> CategoricalLikelihood:
        """Decode ``(..., L)``."""
        return CategoricalLikelihood(self.network(z).unflatten(-1, self._shape))

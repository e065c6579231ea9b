"""The encoder: x -> q(z|x)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from models.distributions import DiagonalGaussian
from models.nn import Activation, mlp

MIN_SCALE = 1e-3


class Encoder(nn.Module):
    """q(z|x) = N(z; loc(x), diag scale(x)^2) (Kingma & Welling 2014, appendix C.2).

    Takes levels in ``[0, num_values - 1]``, real ones too, so that pseudo-inputs get gradients.
    ``scale = softplus(.) + MIN_SCALE``: a scale that reaches zero would make the entropy -inf.
    """

    def __init__(
        self,
        num_features: int,
        num_values: int,
        latent_dim: int,
        hidden: Sequence[int] = (256, 256),
        activation: Activation = "leaky_relu",
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.num_values = num_values
        self.latent_dim = latent_dim
        self.network = mlp(num_features, hidden, 2 * latent_dim, activation)

    def forward(self, x: Tensor) -> DiagonalGaussian:
        """Encode ``(N, D)`` levels."""
        scaled = x.to(next(self.parameters()).dtype) * (2.0 / (self.num_values - 1)) - 1.0
        loc, raw_scale = self.network(scaled).chunk(2, dim=-1)
        return DiagonalGaussian(loc, functional.softplus(raw_scale) + MIN_SCALE)

"""The encoder: x -> q(z|x)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from models.data_range import DataRange
from models.distributions import DiagonalGaussian
from models.networks import AnyNetworkOptions

MIN_SCALE = 1e-3


class Encoder(nn.Module):
    """q(z|x) = N(z; loc(x), diag scale(x)^2) (Kingma & Welling 2014, appendix C.2).

    Takes rows in the data's own units, levels between whole ones too, so that pseudo-inputs get
    gradients. ``scale = softplus(.) + MIN_SCALE``: a scale that reaches zero would make the entropy
    -inf.
    """

    def __init__(self, data: DataRange, latent_dim: int, network: AnyNetworkOptions) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        data.register(self, "offset", "scale")
        self.offset: Tensor
        self.scale: Tensor
        self.network = network.encoder(data, 2 * latent_dim)

    def forward(self, x: Tensor) -> DiagonalGaussian:
        """Encode ``(N, D)`` rows."""
        standardised = (x.to(self.offset.dtype) - self.offset) / self.scale
        # Where the network is worked out in less than single precision, all else is not.
        loc, raw_scale = self.network(standardised).to(self.offset.dtype).chunk(2, dim=-1)
        return DiagonalGaussian(loc, functional.softplus(raw_scale) + MIN_SCALE)

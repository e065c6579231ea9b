"""The encoder: x -> q(z|x)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.data_range import DataRange
from models.device import working_in
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
        self.precision = torch.float32

    def forward(self, x: Tensor) -> DiagonalGaussian:
        """Encode ``(N, D)`` rows."""
        standardised = (x.to(self.offset.dtype) - self.offset) / self.scale
        with working_in(self.precision, x.device):
            raw = self.network(standardised)
        # All else is worked out in single precision at least.
        loc, raw_scale = raw.to(self.offset.dtype).chunk(2, dim=-1)
        return DiagonalGaussian(loc, functional.softplus(raw_scale) + MIN_SCALE)

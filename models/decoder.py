"""The decoder: z -> p(x|z)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.data_range import DataRange
from models.device import working_in
from models.likelihoods import AnyLikelihoodOptions, Likelihood, check_likelihood
from models.networks import AnyNetworkOptions


class Decoder(nn.Module):
    """z -> p(x|z): a network, and a head that makes a likelihood of what it puts out."""

    def __init__(
        self,
        data: DataRange,
        latent_dim: int,
        network: AnyNetworkOptions,
        likelihood: AnyLikelihoodOptions,
    ) -> None:
        """Build for that data.

        Raises:
            LikelihoodMisfitError: the likelihood does not fit it.
        """
        super().__init__()
        check_likelihood(likelihood, data)
        head = likelihood.build(data)
        self.shape = (data.num_features, head.outputs)
        self.network = network.decoder(data, latent_dim, head.outputs)
        self.head = head
        self.unit = likelihood.unit(data)
        self.precision = torch.float32

    def forward(self, z: Tensor) -> Likelihood:
        """Decode ``(..., L)``."""
        with working_in(self.precision, z.device):
            # Layers spend longer on several batch dimensions than on one.
            raw = self.network(z.reshape(-1, z.shape[-1]))
        # All else is worked out in single precision at least.
        likelihood: Likelihood = self.head(raw.to(z.dtype).view(*z.shape[:-1], *self.shape))
        return likelihood

"""Training a prior alone, for an encoder and a decoder that stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import torch
from torch import Tensor

from models.config import TrainingConfig
from models.data import Dataset
from models.distributions import DiagonalGaussian
from models.elbo import TERM_NAMES, mean_terms
from models.encoder import MIN_SCALE
from models.encoding import encode
from models.train import EpochRecords, Training
from models.vae import VAE, ElboTerms

_NETWORKS = ("encoder.", "decoder.")
_SAMPLES = 4  # draws of z for each training image, for a reconstruction that never changes


def networks(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return those of a VAE's weights that are not the prior's."""
    return {name: value for name, value in weights.items() if name.startswith(_NETWORKS)}


def freeze(vae: VAE, weights: Mapping[str, Tensor]) -> None:
    """Give ``vae`` the encoder and the decoder of ``weights``, and keep them from learning."""
    vae.load_state_dict({**vae.state_dict(), **networks(weights)})
    vae.encoder.requires_grad_(False)
    vae.decoder.requires_grad_(False)


def fit_prior(
    vae: VAE,
    dataset: Dataset,
    training: TrainingConfig,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    state: Mapping[str, Tensor] | None = None,
) -> EpochRecords:
    """Maximise the ELBO of ``dataset.train`` over the prior of a frozen ``vae`` alone.

    All but the cross-entropy -E_q[log p(z)] is constant then: the images are encoded and decoded
    once. Otherwise like ``fit``, though nothing is left to which weight decay applies. A prior
    without parameters ends after one epoch.

    Raises:
        TrainingDivergedError, StateMisfitError: as ``fit``.
    """
    return EpochRecords(_PriorTraining(vae, dataset, training, cancelled, state))


class _PriorTraining(Training):
    """A training for which q(z|x) and p(x|z) are known beforehand."""

    def _initialize(self) -> None:
        vae, x = self.average, self.dataset.train.x
        vae.prior.initialize(vae.encoder, x, self.generator)
        self.posterior = encode(vae.encoder, x)
        self.entropy = self.posterior.entropy()
        loc = self.posterior.loc
        vae.prior.rescale(loc.mean(0), loc.std(0).clamp_min(MIN_SCALE))
        # Its own noise: the training should not depend on how this constant is estimated.
        noise = torch.randn(
            (_SAMPLES, *loc.shape), generator=torch.Generator().manual_seed(self.config.seed)
        )
        self.reconstruction = mean_terms(vae, self.dataset.train, noise)["reconstruction"]

    def _terms(self, rows: Tensor, noise: Tensor) -> ElboTerms:
        z = DiagonalGaussian(self.posterior.loc[rows], self.posterior.scale[rows]).rsample(noise)
        entropy = self.entropy[rows].to(self.device)
        return _terms(self.learner, z.to(self.device), entropy, self.reconstruction)

    def _validate(self) -> dict[str, float]:
        z, entropy, reconstruction = self._validation
        with torch.inference_mode():
            terms = _terms(self.average, z, entropy, reconstruction)
            return {name: getattr(terms, name).double().mean().item() for name in TERM_NAMES}

    @cached_property
    @torch.no_grad()
    def _validation(self) -> tuple[Tensor, Tensor, float]:
        split, noise = self.dataset.validation, self.validation_noise
        posterior = encode(self.average.encoder, split.x)
        reconstruction = mean_terms(self.average, split, noise)["reconstruction"]
        z, entropy = posterior.rsample(noise), posterior.entropy()
        return z.to(self.device), entropy.to(self.device), reconstruction


def _terms(vae: VAE, z: Tensor, entropy: Tensor, reconstruction: float) -> ElboTerms:
    """Return the ELBO of N images for draws z (S, N, L), of which only the prior's part is new."""
    log_prior = vae.latent_prior().log_prob(z.flatten(0, 1)).view(z.shape[:2])
    return ElboTerms(
        reconstruction=torch.full_like(entropy, reconstruction),
        cross_entropy=-log_prior.mean(0),
        posterior_entropy=entropy,
    )

"""The ELBO of a split, as an estimate with its error."""

from __future__ import annotations

import torch
from torch import Tensor

from models.data import Split
from models.estimate import Estimate, closed_form, monte_carlo
from models.vae import VAE, ElboTerms

TERM_NAMES = ("elbo", "reconstruction", "cross_entropy", "posterior_entropy")

# Draws of z that are decoded at once: bounds the memory, (8, N, D, num_values) floats.
_CHUNK = 8


@torch.inference_mode()
def evaluate(vae: VAE, split: Split, *, samples: int = 64, seed: int = 0) -> dict[str, Estimate]:
    """Estimate elbo, reconstruction, cross_entropy and posterior_entropy: means over the split.

    Each image gets ``samples`` (at least 2) independent draws of z. The posterior's entropy is
    exact.
    """
    vae.eval()
    generator = torch.Generator().manual_seed(seed)
    shape = (len(split), vae.encoder.latent_dim)
    draws: dict[str, list[Tensor]] = {"elbo": [], "reconstruction": [], "cross_entropy": []}
    for _ in range(samples):
        terms = vae.elbo_terms(split.x, torch.randn(1, *shape, generator=generator))
        for name, values in draws.items():
            values.append(getattr(terms, name).double().mean())
    estimates = {name: monte_carlo(torch.stack(values)) for name, values in draws.items()}
    entropy = vae.posterior(split.x).entropy().double().mean()
    return {**estimates, "posterior_entropy": closed_form(entropy)}


@torch.inference_mode()
def mean_terms(vae: VAE, split: Split, noise: Tensor) -> dict[str, float]:
    """Return the means of elbo and its terms over the split for given noise ``(S, N, L)``.

    The same noise every epoch makes epochs comparable: their difference has hardly any variance.
    """
    vae.eval()
    sums = torch.zeros(len(TERM_NAMES), dtype=torch.float64)
    for part in noise.split(_CHUNK):
        terms = vae.elbo_terms(split.x, part)
        means = torch.stack([getattr(terms, name).mean() for name in TERM_NAMES])
        sums += len(part) * means.double()
    return dict(zip(TERM_NAMES, (sums / len(noise)).tolist(), strict=True))


def objective(terms: ElboTerms, beta: float) -> Tensor:
    """Return reconstruction - beta (cross_entropy - posterior_entropy), ``(N,)``.

    beta = 1 is the ELBO; others are the beta-VAE of Higgins et al. (2017).
    """
    return terms.reconstruction - beta * (terms.cross_entropy - terms.posterior_entropy)

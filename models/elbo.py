"""The ELBO of a split, as an estimate with its error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from models.data import Split
from models.encoding import ROWS, encode
from models.estimate import Estimate, closed_form, monte_carlo
from models.vae import VAE, ElboTerms

TERM_NAMES = ("elbo", "reconstruction", "cross_entropy", "posterior_entropy")

# Draws of z that are decoded at once: bounds the memory, (8, N, D, num_values) floats.
_CHUNK = 8
_DRAWN_VALUES = 200_000_000  # put out by the decoder: the mean over many rows needs few of each
_FEWEST_DRAWS = 4


@dataclass(frozen=True)
class Elbo:
    """The ELBO of a split and its terms, means over the rows in nats."""

    elbo: Estimate
    reconstruction: Estimate
    cross_entropy: Estimate
    posterior_entropy: Estimate
    of_rows: Tensor
    """the ELBO of each row, ``(N,)`` float64, its mean over the draws"""


@torch.inference_mode()
def evaluate(
    vae: VAE,
    split: Split,
    *,
    samples: int = 64,
    seed: int = 0,
    measured: Tensor | None = None,
) -> Elbo:
    """Estimate the ELBO and its terms, each with the error of its draws.

    Each row gets ``samples`` independent draws of z (fewer, 4 at least, where the decoder would
    have to put out more than 200 million numbers). The posterior's entropy is exact. With
    ``measured`` (N, D) the likelihood is of those rows, while the posteriors are of the split's.
    """
    vae.eval()
    generator = torch.Generator().manual_seed(seed)
    posterior = encode(vae.encoder, split.x)
    entropy = posterior.entropy()
    draws = min(samples, max(_FEWEST_DRAWS, _affordable(vae) // len(split)))
    terms = ("elbo", "reconstruction", "cross_entropy")
    means: dict[str, list[Tensor]] = {name: [] for name in terms}
    of_rows = torch.zeros(len(split), dtype=torch.float64)
    for _ in range(draws):
        z = posterior.rsample(torch.randn(posterior.loc.shape, generator=generator))
        drawn = _terms_of(vae, split.x if measured is None else measured, z, entropy)
        for name, values in means.items():
            values.append(getattr(drawn, name).double().mean())
        of_rows += drawn.elbo.double() / draws
    estimates = {name: monte_carlo(torch.stack(values)) for name, values in means.items()}
    exact = closed_form(entropy.double().mean())
    return Elbo(**estimates, posterior_entropy=exact, of_rows=of_rows)


def _affordable(vae: VAE) -> int:
    return _DRAWN_VALUES // math.prod(vae.decoder.shape)


def _terms_of(vae: VAE, x: Tensor, z: Tensor, entropy: Tensor) -> ElboTerms:
    """Return the terms of rows ``x`` (N, D) for one draw of each, ``z`` (N, L), on the CPU."""
    prior, device = vae.latent_prior(), vae.device
    reconstruction, cross_entropy = [], []
    for some, part in zip(x.split(ROWS), z.split(ROWS), strict=True):
        there = part.to(device)
        reconstruction.append(vae.decode(there).log_prob(some.to(device)).cpu())
        cross_entropy.append(-prior.log_prob(there).cpu())
    return ElboTerms(torch.cat(reconstruction), torch.cat(cross_entropy), entropy)


@torch.inference_mode()
def mean_terms(vae: VAE, split: Split, noise: Tensor) -> dict[str, float]:
    """Return the means of elbo and its terms over the split for given noise ``(S, N, L)``.

    The same noise every epoch makes epochs comparable: their difference has hardly any variance.
    """
    vae.eval()
    device = vae.device
    sums = torch.zeros(len(TERM_NAMES), dtype=torch.float64)
    for part in noise.split(_CHUNK):
        for x, row_noise in zip(split.x.split(ROWS), part.split(ROWS, dim=1), strict=True):
            terms = vae.elbo_terms(x.to(device), row_noise.to(device))
            means = torch.stack([getattr(terms, name).mean() for name in TERM_NAMES])
            sums += len(part) * len(x) / len(split) * means.double().cpu()
    return dict(zip(TERM_NAMES, (sums / len(noise)).tolist(), strict=True))


def objective(terms: ElboTerms, beta: float) -> Tensor:
    """Return reconstruction - beta (cross_entropy - posterior_entropy), ``(N,)``.

    beta = 1 is the ELBO; others are the beta-VAE of Higgins et al. (2017).
    """
    return terms.reconstruction - beta * (terms.cross_entropy - terms.posterior_entropy)

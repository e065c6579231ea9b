"""The training loop that tutorials have, with six priors whose densities are right.

DataLoader, one-hot vectors, Adamax, early stopping on one noisy sample of the validation ELBO.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from models.data import Dataset

_WIDTH, _LATENT, _COMPONENTS, _SIDE = 256, 2, 16, 4
_BATCH, _RATE, _PATIENCE, _MOST_EPOCHS = 64, 1e-3, 20, 1000
_COUPLINGS = 3


@dataclass(frozen=True)
class Trained:
    """What the loop ends with: the best weights, and the seconds it took."""

    vae: TextbookVAE
    seconds: float
    best_seconds: float
    """until the epoch of the best weights, which the loop knows only once it has ended"""
    epochs: int


def train(kind: str, dataset: Dataset, seed: int) -> Trained:
    """Train until the validation ELBO, one sample of it, has not improved for 20 epochs."""
    torch.manual_seed(seed)
    began = time.perf_counter()
    levels = dataset.num_values
    assert levels is not None
    vae = TextbookVAE(kind, dataset.train.x.shape[1], levels)
    loader, check = (
        DataLoader(TensorDataset(split.x.float()), batch_size=_BATCH, shuffle=shuffle)
        for split, shuffle in ((dataset.train, True), (dataset.validation, False))
    )
    optimizer = torch.optim.Adamax(vae.parameters(), lr=_RATE)
    best, best_weights, best_seconds, waited, epoch = math.inf, vae.state_dict(), 0.0, 0, 0
    while waited < _PATIENCE and epoch < _MOST_EPOCHS:
        epoch += 1
        vae.train()
        for (x,) in loader:
            loss = -vae.elbo(x).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        vae.eval()
        with torch.no_grad():
            loss_now = sum(-vae.elbo(x).sum().item() for (x,) in check) / len(dataset.validation)
        waited += 1
        if loss_now < best:
            best, best_weights, waited = loss_now, copy.deepcopy(vae.state_dict()), 0
            best_seconds = time.perf_counter() - began
    vae.load_state_dict(best_weights)
    return Trained(vae, time.perf_counter() - began, best_seconds, epoch)


class TextbookVAE(nn.Module):
    """64-256-256-4 and back to 64 x 17 probabilities."""

    def __init__(self, kind: str, features: int, levels: int) -> None:
        super().__init__()
        self.levels = levels
        self.encoder = _perceptron(features, 2 * _LATENT)
        self.decoder = _perceptron(_LATENT, features * levels)
        self.prior = PRIORS[kind](self.encoder, features, levels)

    def elbo(self, x: Tensor) -> Tensor:
        """Return the ELBO of images (N, D), from one draw of z each: ``(N,)``."""
        loc, log_variance = self.encoder(x).chunk(2, dim=1)
        z = loc + torch.exp(0.5 * log_variance) * torch.randn_like(loc)
        probabilities = torch.softmax(self.decoder(z).view(len(x), -1, self.levels), dim=2)
        one_hot = functional.one_hot(x.long(), self.levels)
        reconstruction = (one_hot * torch.log(probabilities.clamp_min(1e-30))).sum((1, 2))
        log_posterior = log_normal(z, loc, log_variance).sum(1)
        return reconstruction + self.prior.log_prob(z) - log_posterior


def log_normal(z: Tensor, loc: Tensor, log_variance: Tensor) -> Tensor:
    """Return log N(z; loc, exp(log_variance)) of every number."""
    square = (z - loc).square() * torch.exp(-log_variance)
    return -0.5 * (math.log(2.0 * math.pi) + log_variance + square)


def _log_mixture(z: Tensor, logits: Tensor, loc: Tensor, log_variance: Tensor) -> Tensor:
    # The dimensions are summed inside each component, and only then mixed.
    components = log_normal(z.unsqueeze(1), loc, log_variance).sum(-1)
    return torch.logsumexp(components + functional.log_softmax(logits, dim=0), dim=1)


class _Standard(nn.Module):
    def __init__(self, encoder: nn.Module, features: int, levels: int) -> None:
        super().__init__()

    def log_prob(self, z: Tensor) -> Tensor:
        return log_normal(z, torch.zeros_like(z), torch.zeros_like(z)).sum(1)


class _Mixture(nn.Module):
    def __init__(self, encoder: nn.Module, features: int, levels: int) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(_COMPONENTS))
        self.loc = nn.Parameter(torch.randn(_COMPONENTS, _LATENT))
        self.log_variance = nn.Parameter(torch.zeros(_COMPONENTS, _LATENT))

    def log_prob(self, z: Tensor) -> Tensor:
        return _log_mixture(z, self.logits, self.loc, self.log_variance)


class _VampPrior(nn.Module):
    def __init__(self, encoder: nn.Module, features: int, levels: int) -> None:
        super().__init__()
        self.encode: Callable[[Tensor], Tensor] = encoder.forward
        self.highest = levels - 1.0
        self.logits = nn.Parameter(torch.zeros(_COMPONENTS))
        self.pseudo_inputs = nn.Parameter(self.highest * torch.rand(_COMPONENTS, features))

    def log_prob(self, z: Tensor) -> Tensor:
        inside = self.pseudo_inputs.clamp(0.0, self.highest)
        return _log_mixture(z, self.logits, *self.encode(inside).chunk(2, dim=1))


class _Gtm(nn.Module):
    def __init__(self, encoder: nn.Module, features: int, levels: int) -> None:
        super().__init__()
        line = torch.linspace(-1.0, 1.0, _SIDE)
        self.register_buffer("grid", torch.cartesian_prod(line, line))
        self.logits = nn.Parameter(torch.zeros(_SIDE**2))
        self.mapping = _perceptron(2, 2 * _LATENT)

    def log_prob(self, z: Tensor) -> Tensor:
        return _log_mixture(z, self.logits, *self.mapping(self.grid).chunk(2, dim=1))


class _GtmVampPrior(nn.Module):
    def __init__(self, encoder: nn.Module, features: int, levels: int) -> None:
        super().__init__()
        self.encode: Callable[[Tensor], Tensor] = encoder.forward
        self.highest = levels - 1.0
        line = torch.linspace(-1.0, 1.0, _SIDE)
        self.register_buffer("grid", torch.cartesian_prod(line, line))
        self.logits = nn.Parameter(torch.zeros(_SIDE**2))
        self.mapping = _perceptron(2, features)

    def log_prob(self, z: Tensor) -> Tensor:
        inputs = self.highest * torch.sigmoid(self.mapping(self.grid))
        return _log_mixture(z, self.logits, *self.encode(inputs).chunk(2, dim=1))


class _Flow(nn.Module):
    def __init__(self, encoder: nn.Module, features: int, levels: int) -> None:
        super().__init__()
        half = _LATENT // 2
        self.scales = nn.ModuleList(_perceptron(half, half) for _ in range(_COUPLINGS))
        self.shifts = nn.ModuleList(_perceptron(half, half) for _ in range(_COUPLINGS))

    def log_prob(self, z: Tensor) -> Tensor:
        log_determinant = z.new_zeros(len(z))
        for scale, shift in zip(self.scales, self.shifts, strict=True):
            given, changed = z.chunk(2, dim=1)
            log_scale = torch.tanh(scale(given))
            changed = (changed - shift(given)) * torch.exp(-log_scale)
            log_determinant = log_determinant - log_scale.sum(1)
            z = torch.cat([changed, given], dim=1)
        return log_normal(z, torch.zeros_like(z), torch.zeros_like(z)).sum(1) + log_determinant


PRIORS: dict[str, Callable[[nn.Module, int, int], nn.Module]] = {
    "standard": _Standard,
    "mog": _Mixture,
    "vampprior": _VampPrior,
    "gtm": _Gtm,
    "gtm_vampprior": _GtmVampPrior,
    "flow": _Flow,
}


def _perceptron(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, _WIDTH),
        nn.LeakyReLU(),
        nn.Linear(_WIDTH, _WIDTH),
        nn.LeakyReLU(),
        nn.Linear(_WIDTH, outputs),
    )

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
import torch

from models.config import RunConfig
from models.data import Dataset
from models.data.builtin import digits as load_digits
from models.train import fit
from models.vae import VAE, build_vae

# A new prior joins the contract by one line here.
PRIOR_OPTIONS: dict[str, dict[str, object]] = {
    "standard": {},
    "mog": {"num_components": 8},
    "vampprior": {"num_components": 8},
    "gtm": {"grid_size": 3},
    "gtm_vampprior": {"grid_size": 3},
    "flow": {"num_couplings": 4, "hidden_width": 32},
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", PRIOR_OPTIONS)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def digits() -> Dataset:
    return load_digits()


def _config(
    kind: str, latent_dim: int = 2, options: dict[str, object] | None = None, **training: object
) -> RunConfig:
    return RunConfig.model_validate(
        {
            "prior": {"kind": kind, **PRIOR_OPTIONS[kind], **(options or {})},
            "latent_dim": latent_dim,
            "network": {"hidden": [64]},
            "training": {"epochs": 8, "warmup_epochs": 2, "validation_samples": 4, **training},
        }
    )


@cache
def _trained(kind: str, latent_dim: int = 2) -> VAE:
    data = load_digits()
    config = _config(kind, latent_dim)
    vae = build_vae(config, data)
    for _ in fit(vae, data, config.training):
        pass
    return vae.requires_grad_(False)


@pytest.fixture(scope="session")
def kinds() -> set[str]:
    return set(PRIOR_OPTIONS)


@pytest.fixture(scope="session")
def config() -> Callable[..., RunConfig]:
    """A small config of the kind: (kind, latent_dim, options, **training)."""
    return _config


@pytest.fixture(scope="session")
def trained() -> Callable[..., VAE]:
    """A VAE after a few epochs, shared by the tests: (kind, latent_dim)."""
    return _trained

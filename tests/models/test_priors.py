"""The contract of every prior, at the start and after training."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load, save
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from models.config import RunConfig
from models.data import Dataset
from models.data.builtin import digits as load_digits
from models.density import grid_log_density, integral, latent_bounds, latent_grid
from models.distributions import DiagonalGaussianMixture
from models.priors import PRIORS
from models.priors.flow import FlowDistribution
from models.train import fit
from models.vae import VAE, build_vae

Config = Callable[..., RunConfig]
Trained = Callable[..., VAE]


@pytest.fixture(params=["untrained", "trained"])
def vae(
    request: pytest.FixtureRequest, kind: str, config: Config, trained: Trained, digits: Dataset
) -> VAE:
    if request.param == "trained":
        return trained(kind)
    return build_vae(config(kind), digits).requires_grad_(False)


def test_every_kind_of_the_registry_is_under_contract(kinds: set[str]) -> None:
    assert kinds == set(PRIORS)


def test_log_prob_is_joint_and_keeps_the_dtype(vae: VAE) -> None:
    log_prob = vae.latent_prior().log_prob(torch.randn(5, 2))
    assert log_prob.shape == (5,)
    assert log_prob.dtype == torch.float32
    assert vae.double().latent_prior().log_prob(torch.randn(5, 2).double()).dtype == torch.float64
    vae.float()


def test_density_integrates_to_one(vae: VAE, digits: Dataset) -> None:
    prior = vae.latent_prior()
    z1, z2 = latent_grid(latent_bounds(prior, vae.posterior(digits.test.x)), 300)
    assert integral(grid_log_density(prior, z1, z2), z1, z2) == pytest.approx(1.0, abs=1e-3)


def test_samples_follow_the_density(vae: VAE, digits: Dataset) -> None:
    """Chi-squared over the cells of a coarse partition of the box, plus all that is outside."""
    prior = vae.latent_prior()
    bounds = latent_bounds(prior, vae.posterior(digits.test.x))
    cells, fine = 12, 40
    z1, z2 = latent_grid(bounds, cells * fine + 1)
    density = grid_log_density(prior, z1, z2).double().exp()
    corners = density.unfold(0, fine + 1, fine).unfold(1, fine + 1, fine)
    inner = torch.trapezoid(corners, dx=float(z1[1] - z1[0]), dim=-1)
    mass = torch.trapezoid(inner, dx=float(z2[1] - z2[0]), dim=-1)

    count = 50_000
    z = prior.sample((count,), torch.Generator().manual_seed(5)).double()
    side1, side2 = z1[::fine].contiguous(), z2[::fine].contiguous()
    column = torch.bucketize(z[:, 0].contiguous(), side1) - 1
    row = torch.bucketize(z[:, 1].contiguous(), side2) - 1
    inside = (column >= 0) & (column < cells) & (row >= 0) & (row < cells)
    observed = torch.zeros(cells, cells, dtype=torch.float64)
    observed.index_put_((row[inside], column[inside]), torch.ones(1).double(), accumulate=True)

    usual = mass * count >= 20
    expected = torch.cat([mass[usual] * count, (count - mass[usual].sum() * count).view(1)])
    seen = torch.cat([observed[usual], (count - observed[usual].sum()).view(1)])
    freedom = int(usual.sum())
    chi_squared = ((seen - expected).square() / expected.clamp_min(5.0)).sum().item()
    assert freedom > 10
    assert chi_squared < freedom + 6 * (2 * freedom) ** 0.5


def test_log_prob_equals_an_independent_oracle(vae: VAE) -> None:
    prior = vae.double().latent_prior()
    z = 2.0 * torch.randn(64, 2, generator=torch.Generator().manual_seed(1)).double()
    if isinstance(prior, DiagonalGaussianMixture):
        components = Independent(Normal(prior.component_loc, prior.component_scale), 1)
        oracle = MixtureSameFamily(Categorical(prior.mixture_weights), components).log_prob(z)
    elif isinstance(prior, FlowDistribution):
        flow = prior

        def to_base(point: torch.Tensor) -> torch.Tensor:
            for transform in flow.transforms:
                point = transform(point.unsqueeze(0))[0].squeeze(0)
            return point

        jacobian = torch.stack([torch.autograd.functional.jacobian(to_base, row) for row in z])
        base = torch.stack([to_base(row) for row in z])
        oracle = Normal(0.0, 1.0).log_prob(base).sum(-1) + jacobian.slogdet().logabsdet
    else:
        oracle = Independent(Normal(torch.zeros(2), torch.ones(2)), 1).log_prob(z)
    torch.testing.assert_close(prior.log_prob(z), oracle, rtol=1e-9, atol=1e-9)
    vae.float()


@pytest.mark.parametrize("latent_dim", [1, 5])
def test_any_latent_dimension(
    kind: str, latent_dim: int, trained: Trained, digits: Dataset
) -> None:
    vae = trained(kind, latent_dim)
    prior = vae.latent_prior()
    z = prior.sample((40_000,), torch.Generator().manual_seed(0))
    log_prob = prior.log_prob(z)
    assert z.shape == (40_000, latent_dim)
    assert log_prob.isfinite().all()
    # The integral of min(p, h) for a Gaussian h, estimated from the draws of either. It differs
    # by e^c where the log density is off by c: a wrong normalisation shows in any dimension.
    other = Independent(Normal(z.mean(0), 0.8 * z.std(0)), 1)
    draws = other.sample((40_000,))
    from_other = (prior.log_prob(draws) - other.log_prob(draws)).exp().clamp_max(1.0).mean()
    from_prior = (other.log_prob(z) - log_prob).exp().clamp_max(1.0).mean()
    assert float(from_other) == pytest.approx(float(from_prior), abs=0.02)
    assert from_prior > 0.1


def test_state_dict_round_trip(vae: VAE, kind: str, config: Config, digits: Dataset) -> None:
    z = torch.randn(16, 2)
    other = build_vae(config(kind, seed=99), digits).requires_grad_(False)
    other.load_state_dict(load(save(vae.state_dict())))
    assert torch.equal(other.latent_prior().log_prob(z), vae.latent_prior().log_prob(z))


def test_gradients_are_finite_and_reach_every_parameter(
    kind: str, config: Config, digits: Dataset
) -> None:
    vae = build_vae(config(kind), digits)
    vae.prior.initialize(vae.encoder, digits.train.x, torch.Generator().manual_seed(0))
    far = torch.tensor([[0.1, -0.2], [30.0, -40.0], [1.0, 2.0]])
    far.requires_grad_()
    vae.latent_prior().log_prob(far).sum().backward()
    assert far.grad is not None
    assert far.grad.isfinite().all()
    shared = kind in {"vampprior", "gtm_vampprior"}
    for name, parameter in vae.named_parameters():
        if name.startswith("prior.") or (shared and name.startswith("encoder.")):
            assert parameter.grad is not None, name
            assert parameter.grad.isfinite().all(), name


def test_same_seed_same_samples(vae: VAE) -> None:
    prior = vae.latent_prior()
    first, second, third = (
        prior.sample((8,), torch.Generator().manual_seed(seed)) for seed in (3, 3, 4)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def test_nothing_of_the_prior_is_outside_its_state(kind: str, config: Config) -> None:
    """Grids and constants are buffers: they move with the module."""
    vae = build_vae(config(kind), load_digits()).to("meta")
    prior = vae.latent_prior()
    assert prior.log_prob(torch.zeros(3, 2, device="meta")).device.type == "meta"


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"kind": "mog", "num_components": 0}, "num_components"),
        ({"kind": "gtm", "num_components": 3}, "num_components"),
        ({"kind": "flow", "num_couplings": 1.5}, "num_couplings"),
        ({"kind": "vampprior", "weights": "equal"}, "weights"),
        ({"kind": "gaussian"}, "kind"),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, object], where: str) -> None:
    with pytest.raises(ValidationError, match=where):
        RunConfig.model_validate({"prior": options})


@pytest.mark.parametrize("hidden", [[], [0], [-1], [5000], [64] * 9, ["wide"]], ids=str)
def test_a_wrong_network_is_refused(hidden: list[object]) -> None:
    with pytest.raises(ValidationError, match="hidden"):
        RunConfig.model_validate({"prior": {"kind": "mog"}, "network": {"hidden": hidden}})


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (name, option)
        for name, options in {
            "mog": [{"num_components": 5}, {"weights": "uniform"}, {"initialization": "random"}],
            "vampprior": [
                {"num_components": 5},
                {"weights": "uniform"},
                {"initialization": "random"},
            ],
            "gtm": [
                {"grid_size": 2},
                {"grid_extent": 2.0},
                {"hidden_width": 8},
                {"weights": "uniform"},
            ],
            "gtm_vampprior": [
                {"grid_size": 2},
                {"grid_extent": 2.0},
                {"hidden_width": 8},
                {"weights": "uniform"},
            ],
            "flow": [{"num_couplings": 2}, {"hidden_width": 8}],
        }.items()
        for option in options
    ],
    ids=str,
)
def test_every_option_has_an_effect(
    name: str, options: dict[str, object], config: Config, digits: Dataset
) -> None:
    densities = []
    for chosen in ({}, options):
        settings = config(name, options=chosen, epochs=1)
        vae = build_vae(settings, digits)
        for _ in fit(vae, digits, settings.training):
            pass
        densities.append(vae.latent_prior().log_prob(torch.randn(32, 2).fill_(0.3)).detach())
    assert not torch.equal(*densities)


def test_the_options_tested_are_all_there_are() -> None:
    known = {kind: set(entry.options.model_fields) - {"kind"} for kind, entry in PRIORS.items()}
    mixture = {"num_components", "weights", "initialization"}
    grid = {"grid_size", "grid_extent", "hidden_width", "weights"}
    assert known == {
        "standard": set(),
        "mog": mixture,
        "vampprior": mixture,
        "gtm": grid,
        "gtm_vampprior": grid,
        "flow": {"num_couplings", "hidden_width"},
    }

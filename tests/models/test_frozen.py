from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from models.config import RunConfig
from models.data import Dataset
from models.data_range import DataRange
from models.elbo import mean_terms
from models.frozen import fit_prior, freeze, networks
from models.priors import Shapes, build_prior
from models.train import EpochRecord
from models.vae import VAE, build_vae

Config = Callable[..., RunConfig]
Trained = Callable[..., VAE]


def fitted(settings: RunConfig, source: VAE, data: Dataset) -> tuple[VAE, list[EpochRecord]]:
    vae = build_vae(settings, data)
    freeze(vae, source.state_dict())
    return vae, list(fit_prior(vae, data, settings.training))


def test_only_the_prior_learns(
    kind: str, config: Config, trained: Trained, digits: Dataset
) -> None:
    source, settings = trained("mog"), config(kind, epochs=12)
    untrained = build_vae(settings, digits)
    vae, records = fitted(settings, source, digits)
    kept = networks(source.state_dict())
    assert len(kept) == 8
    for name, value in kept.items():
        assert torch.equal(vae.state_dict()[name], value), name
    first, last = records[0], records[-1]
    if kind == "standard":
        assert len(records) == 1
        assert not any(name.startswith("prior.") for name in vae.state_dict())
    else:
        assert last.validation["cross_entropy"] < first.validation["cross_entropy"]
        before, after = untrained.prior.state_dict(), vae.prior.state_dict()
        assert any(not torch.equal(before[name], after[name]) for name in before)
    for record in records:
        for terms in (record.train, record.validation):
            parts = terms["reconstruction"] - terms["cross_entropy"] + terms["posterior_entropy"]
            assert terms["elbo"] == pytest.approx(parts, abs=1e-3)
        for name in ("reconstruction", "posterior_entropy"):
            assert record.validation[name] == first.validation[name]


def test_the_objective_is_the_elbo_of_the_whole(
    config: Config, trained: Trained, digits: Dataset
) -> None:
    settings = config("vampprior", epochs=1)
    vae, (record,) = fitted(settings, trained("standard"), digits)
    noise = torch.randn(64, len(digits.validation), 2)
    terms = mean_terms(vae, digits.validation, noise)
    assert record.validation["posterior_entropy"] == pytest.approx(terms["posterior_entropy"])
    assert record.validation["cross_entropy"] == pytest.approx(terms["cross_entropy"], abs=0.1)
    assert record.validation["reconstruction"] == pytest.approx(terms["reconstruction"], abs=0.3)


def test_one_seed_one_result(kind: str, config: Config, trained: Trained, digits: Dataset) -> None:
    runs = [fitted(config(kind, epochs=2, seed=3), trained("mog"), digits) for _ in range(2)]
    (first, records), (second, again) = runs
    assert records[-1].validation == again[-1].validation
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]), name


def test_a_learned_prior_fits_better_than_a_fixed_one(
    config: Config, trained: Trained, digits: Dataset
) -> None:
    source = trained("vampprior")
    cross_entropy = {
        kind: fitted(config(kind, epochs=30), source, digits)[1][-1].validation["cross_entropy"]
        for kind in ("standard", "mog", "flow")
    }
    assert cross_entropy["mog"] < cross_entropy["standard"]
    assert cross_entropy["flow"] < cross_entropy["standard"]


@pytest.mark.parametrize("moved", ["mog", "gtm", "flow"])
def test_rescaling_moves_the_density(moved: str, config: Config) -> None:
    prior = build_prior(config(moved).prior, Shapes(2, DataRange.of_levels(64, 17)))
    z = torch.randn(4096, 2, generator=torch.Generator().manual_seed(0))
    before = prior.distribution()
    spread = before.sample((4096,), torch.Generator().manual_seed(1))
    log_prob = before.log_prob(z).detach()
    loc, scale = torch.tensor([3.0, -1.0]), torch.tensor([4.0, 0.5])
    prior.rescale(loc, scale)
    after = prior.distribution().log_prob(loc + scale * z) + scale.log().sum()
    if moved == "gtm":
        draws = prior.distribution().sample((4096,), torch.Generator().manual_seed(1))
        torch.testing.assert_close(draws.mean(0), loc + scale * spread.mean(0), rtol=0, atol=0.3)
        torch.testing.assert_close(draws.std(0), scale * spread.std(0), rtol=0.1, atol=0)
    else:
        torch.testing.assert_close(after, log_prob, rtol=1e-4, atol=1e-3)

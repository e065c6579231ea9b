"""Real vectors and colour pictures from the data to the latent space and back."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from models.config import RunConfig
from models.data import Dataset, Split
from models.data_range import DataRange
from models.elbo import evaluate
from models.metrics import measure
from models.proposals import complete, propose
from models.train import fit
from models.vae import VAE, build_vae


def rows(x: torch.Tensor) -> Split:
    return Split(x, torch.zeros(len(x), dtype=torch.long), torch.arange(len(x)))


@pytest.fixture(scope="session")
def vectors() -> Dataset:
    """Two clusters in six dimensions of very different units; one never changes."""
    generator = torch.Generator().manual_seed(0)
    cluster = torch.randint(2, (360, 1), generator=generator)
    x = 4.0 * cluster + torch.randn(360, 6, generator=generator)
    x = x * torch.tensor([1.0, 1e-3, 1e4, 1.0, 1.0, 0.0]) + torch.tensor([0, 0, 1e5, -7, 2, 3.5])
    return Dataset(
        id="vectors",
        title="",
        description="",
        image_shape=(),
        num_values=None,
        feature_names=tuple("abcdef"),
        label_names=(),
        rows=rows(x),
        counts=(240, 60, 60),
    )


@pytest.fixture(scope="session")
def colours(vectors: Dataset) -> Dataset:
    """Pictures of 17x18 pixels: a disc of a random colour on grey, of 256 levels."""
    generator = torch.Generator().manual_seed(0)
    y, x = torch.meshgrid(torch.arange(17), torch.arange(18), indexing="ij")
    centre = torch.randint(5, 12, (360, 2, 1, 1), generator=generator)
    disc = ((y - centre[:, 0]) ** 2 + (x - centre[:, 1]) ** 2 < 16).unsqueeze(-1)
    colour = torch.randint(60, 200, (360, 1, 1, 3), generator=generator)
    noise = torch.randint(0, 9, (360, 17, 18, 3), generator=generator)
    picture = torch.where(disc, colour, 128) + noise
    return replace(
        vectors,
        image_shape=(17, 18, 3),
        num_values=256,
        feature_names=(),
        rows=rows(picture.to(torch.uint8).flatten(1)),
    )


def brief(kind: str, data: Dataset, **fields: object) -> tuple[RunConfig, VAE]:
    """A VAE after a few epochs, with what is proposed for the data."""
    asked = {
        "prior": {"kind": kind},
        "network": {"kind": propose(data).network.kind, "hidden": [32]},
        "training": {"epochs": 20, "warmup_epochs": 2},
        **fields,
    }
    config = complete(RunConfig.model_validate(asked), propose(data))
    vae = build_vae(config, data)
    for _ in fit(vae, data, config.training):
        pass
    return config, vae.requires_grad_(False)


def test_real_numbers_are_standardised_by_the_training_rows(vectors: Dataset) -> None:
    data, x = DataRange.of(vectors), vectors.train.x.double()
    torch.testing.assert_close(data.offset.double(), x.mean(0), rtol=1e-6, atol=1e-6)
    expected = x.std(0, correction=0)
    expected[5] = 1.0
    torch.testing.assert_close(data.scale.double(), expected, rtol=1e-6, atol=1e-9)
    assert torch.equal(data.low, vectors.train.x.amin(0))
    assert torch.equal(data.high, vectors.train.x.amax(0))


def test_vectors_and_pictures_train_with_every_prior(
    kind: str, vectors: Dataset, colours: Dataset
) -> None:
    for data in (vectors, colours):
        config, vae = brief(kind, data)
        untrained = build_vae(config, data)
        gain = evaluate(vae, data.test).elbo.value - evaluate(untrained, data.test).elbo.value
        assert gain > (2 if data is vectors else 200)
        pseudo_inputs = vae.prior.pseudo_inputs
        if pseudo_inputs is not None:
            shape = DataRange.of(data)
            assert pseudo_inputs.shape[1] == data.num_features
            assert (pseudo_inputs >= shape.low).all()
            assert (pseudo_inputs <= shape.high).all()


def test_pseudo_inputs_start_at_training_rows(vectors: Dataset) -> None:
    config = RunConfig.model_validate(
        {"prior": {"kind": "vampprior"}, "likelihood": {"kind": "gaussian"}}
    )
    vae = build_vae(config, vectors)
    vae.prior.initialize(vae.encoder, vectors.train.x, torch.Generator().manual_seed(0))
    data = DataRange.of(vectors)
    near = [
        (rows - data.offset) / data.scale for rows in (vae.prior.pseudo_inputs, vectors.train.x)
    ]
    between = torch.cdist(near[1], near[1]).fill_diagonal_(1e9).amin(1)
    assert torch.cdist(*near).amin(1).max() < 2 * between.median()


def test_weights_carry_the_range_of_real_numbers(
    vectors: Dataset, config: Callable[..., RunConfig], digits: Dataset
) -> None:
    """They round-trip into a VAE of other data; those of levels are as they always were."""
    settings = RunConfig.model_validate(
        {"prior": {"kind": "vampprior"}, "likelihood": {"kind": "gaussian"}}
    )
    vae = build_vae(settings, vectors)
    other = build_vae(settings, replace(vectors, rows=rows(2.0 * vectors.rows.x + 1.0)))
    other.load_state_dict(vae.state_dict())
    x, z = vectors.test.x, torch.randn(60, 2)
    assert torch.equal(other.posterior(x).loc, vae.posterior(x).loc)
    assert torch.equal(other.decode(z).log_prob(x), vae.decode(z).log_prob(x))
    assert torch.equal(other.latent_prior().log_prob(z), vae.latent_prior().log_prob(z))
    names = build_vae(config("vampprior"), digits).state_dict().keys()
    assert not {name for name in names if name.split(".")[-1] in {"offset", "scale", "low", "high"}}


def test_density_is_in_the_units_of_the_data(vectors: Dataset) -> None:
    """Ten times larger values have a density ten times smaller, each of the five that vary."""
    first, second = vectors, replace(vectors, rows=rows(10.0 * vectors.rows.x))
    likelihoods = [
        measure(brief("standard", data)[1], data, samples=4).test.log_likelihood.value
        for data in (first, second)
    ]
    assert likelihoods[0] - likelihoods[1] == pytest.approx(5 * math.log(10.0), abs=0.2)


def test_all_is_on_the_device_of_the_weights(kind: str, vectors: Dataset, colours: Dataset) -> None:
    """Ranges, bins and grids are buffers: the ELBO needs no constant of another device."""
    for data, likelihood in (
        (vectors, {"kind": "gaussian"}),
        (colours, {"kind": "discretized_logistic"}),
        (colours, {"kind": "bernoulli"}),
        (colours, {"kind": "categorical", "num_values": 4}),
    ):
        settings = {"prior": {"kind": kind}, "likelihood": likelihood}
        if data is colours:
            settings["network"] = {"kind": "convolutional", "channels": [2]}
        vae = build_vae(RunConfig.model_validate(settings), data).to("meta")
        x = data.train.x[:3].to("meta")
        terms = vae.elbo_terms(x, torch.empty(2, 3, 2, device="meta"))
        assert terms.elbo.device.type == "meta"
        assert vae.decode(torch.empty(4, 2, device="meta")).mean.device.type == "meta"

"""What a data set is given where a run was not asked for anything else."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch

from models.config import RunConfig
from models.data import Dataset, Split
from models.data.builtin import BUILTIN
from models.data_range import DataRange, DataShape
from models.likelihoods import LIKELIHOODS, LikelihoodMisfitError, check_likelihood
from models.misfits import misfits
from models.networks import NETWORKS, NetworkMisfitError, check_network
from models.proposals import complete, propose


def pictures(
    shape: tuple[int, ...], num_values: int, at_extremes: float = 0.0, count: int = 400
) -> Dataset:
    """Random levels, of which a share is exactly black."""
    generator = torch.Generator().manual_seed(0)
    size = (count, torch.Size(shape).numel())
    x = torch.randint(1, max(2, num_values - 1), size, generator=generator)
    black = torch.rand(size, generator=generator) < at_extremes
    rows = Split(
        torch.where(black, 0, x).to(torch.uint8),
        torch.zeros(count, dtype=torch.long),
        torch.arange(count),
    )
    counts = (count // 2, count // 4, count // 4)
    return Dataset("pictures", "", "", shape, num_values, (), (), rows, counts)


def test_the_digits_get_the_defaults_of_the_schema(digits: Dataset) -> None:
    asked = RunConfig.model_validate({"prior": {"kind": "mog"}})
    assert complete(asked, propose(digits)) == asked


@pytest.mark.parametrize(
    ("dataset", "likelihood", "reason"),
    [
        (pictures((8, 8), 2), "bernoulli", "one of two"),
        (pictures((8, 8), 17), "categorical", "17 levels"),
        (pictures((8, 8), 32, at_extremes=0.5), "categorical", "32 levels"),
        (pictures((8, 8), 256, at_extremes=0.5), "bernoulli", "50% of the values"),
        (pictures((8, 8), 256, at_extremes=0.1), "discretized_logistic", "only 10%"),
        (pictures((16, 16, 3), 256), "discretized_logistic", "256 levels"),
        (BUILTIN["wine"](), "gaussian", "real numbers"),
    ],
)
def test_the_likelihood_suits_the_values(dataset: Dataset, likelihood: str, reason: str) -> None:
    proposal = propose(dataset)
    assert proposal.likelihood.kind == likelihood
    assert reason in proposal.why[0]
    check_likelihood(proposal.likelihood, DataRange.of(dataset))


@pytest.mark.parametrize(
    ("shape", "network"), [((28, 28), "mlp"), ((8, 8, 3), "mlp"), ((16, 20, 3), "convolutional")]
)
def test_colour_images_get_convolutions(shape: tuple[int, ...], network: str) -> None:
    dataset = pictures(shape, 256)
    proposed = propose(dataset).network
    assert proposed.kind == network
    check_network(proposed, DataRange.of(dataset))


def test_training_suits_the_number_of_rows(digits: Dataset) -> None:
    few, some = propose(BUILTIN["iris"]()).training, propose(digits).training
    many = propose(pictures((4, 4), 256, count=12_000)).training
    steps = [
        settings.epochs * count / settings.batch_size
        for settings, count in ((few, 105), (some, 1000), (many, 6000))
    ]
    assert all(count > 500 for count in steps)
    assert few.batch_size < some.batch_size < many.batch_size
    assert many.weight_decay < some.weight_decay


@pytest.mark.parametrize("count", [200, 2_000, 12_000])
def test_convolutions_learn_at_rates_that_they_were_tried_at(count: int) -> None:
    proposal = propose(pictures((16, 16, 3), 256, count=count))
    assert proposal.training.learning_rate <= 3e-3
    assert proposal.training.validation_samples <= 2
    slower = "smaller learning rate" in proposal.why[-1]
    assert slower == (count == 2_000)


def test_convolutions_that_were_asked_for_learn_at_such_rates_too() -> None:
    proposal = propose(pictures((28, 28), 256, count=2_000))
    assert proposal.training.learning_rate > 3e-3
    network = {"kind": "convolutional"}
    asked = RunConfig.model_validate({"prior": {"kind": "mog"}, "network": network})
    assert complete(asked, proposal).training.learning_rate == 3e-3
    training = {"learning_rate": 0.02}
    asked = RunConfig.model_validate(
        {"prior": {"kind": "mog"}, "network": network, "training": training}
    )
    assert complete(asked, proposal).training.learning_rate == 0.02


def test_what_was_given_stays(digits: Dataset) -> None:
    proposal = propose(BUILTIN["wine"]())
    asked = RunConfig.model_validate(
        {
            "prior": {"kind": "gtm", "grid_size": 3},
            "latent_dim": 3,
            "likelihood": {"kind": "gaussian", "scale": "predicted"},
            "network": {"hidden": [8]},
            "training": {"epochs": 120, "seed": 4},
        }
    )
    config = complete(asked, proposal)
    assert (config.prior, config.latent_dim) == (asked.prior, 3)
    update = {"scale": "predicted"}
    assert config.likelihood == proposal.likelihood.model_copy(update=update)
    assert config.network == proposal.network.model_copy(update={"hidden": [8]})
    assert config.training == proposal.training.model_copy(update={"epochs": 120, "seed": 4})
    # Options of another kind than the proposed one have their own defaults.
    asked = RunConfig.model_validate(
        {"prior": {"kind": "mog"}, "likelihood": {"kind": "bernoulli"}}
    )
    assert complete(asked, proposal).likelihood.kind == "bernoulli"


def test_what_does_not_fit_is_what_is_refused(digits: Dataset) -> None:
    """The kinds that are named are those that the checks refuse, and nothing proposed is."""
    for dataset in (digits, BUILTIN["wine"](), pictures((16, 16, 3), 256), pictures((4, 4), 2)):
        shape = DataShape(dataset.image_shape, dataset.num_features, dataset.num_values)
        found = misfits(shape)
        for kind, options in LIKELIHOODS.items():
            refused = pytest.raises(LikelihoodMisfitError) if kind in found.likelihood else None
            with refused or nullcontext():
                check_likelihood(options(kind=kind), shape)
        for kind, network in NETWORKS.items():
            refused_network = pytest.raises(NetworkMisfitError) if kind in found.network else None
            with refused_network or nullcontext():
                check_network(network(kind=kind), shape)
        proposal = propose(dataset)
        assert proposal.likelihood.kind not in found.likelihood
        assert proposal.network.kind not in found.network
    wine = BUILTIN["wine"]()
    shape = DataShape(wine.image_shape, wine.num_features, wine.num_values)
    assert set(misfits(shape).network) == {"convolutional"}
    assert "gaussian" not in misfits(shape).likelihood

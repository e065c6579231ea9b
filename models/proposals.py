"""What suits a data set: likelihood, networks and training, each with its reason."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from models.config import RunConfig, TrainingConfig
from models.data import Dataset
from models.data_range import DataShape
from models.encoding import evenly
from models.likelihoods import (
    AnyLikelihoodOptions,
    BernoulliOptions,
    CategoricalOptions,
    DiscretizedLogisticOptions,
    GaussianOptions,
)
from models.networks import AnyNetworkOptions, ConvolutionalOptions, MlpOptions

_FEW_LEVELS = 32  # for which a probability each is cheap
_AT_EXTREMES = 0.3  # share of values exactly black or white that makes ink on a ground
_CONVOLUTIONAL_SIDE = 16  # from which on images are worth convolutions
_FEW_FEATURES = 64
_CONVOLUTIONAL_RATE = 3e-3
_FEW_SAMPLES = 2  # of the 16 that perceptrons can afford; the noise is the same in every epoch
_ROWS = 2_000  # that are looked at, evenly spaced: a share needs no more


class Proposal(BaseModel):
    """What a run on a data set gets where it was not asked for anything else."""

    model_config = ConfigDict(extra="forbid")
    likelihood: AnyLikelihoodOptions
    network: AnyNetworkOptions
    training: TrainingConfig
    why: list[str]
    """a sentence for each"""


def propose(dataset: Dataset) -> Proposal:
    """Return what suits ``dataset``. Looks at 2000 of the training rows at most."""
    shape = DataShape(dataset.image_shape, dataset.num_features, dataset.num_values)
    share = None if dataset.num_values is None else share_at_extremes(dataset)
    return propose_for(shape, rows=len(dataset.train), share=share)


def propose_for(data: DataShape, *, rows: int, share: float | None) -> Proposal:
    """Return what suits rows of that shape.

    ``rows`` are there to learn from; ``share`` of their values are at the lowest or the highest
    level, which real numbers do not have.
    """
    likelihood, why_likelihood = _likelihood(data.num_values, share or 0.0)
    network, why_network = _network(data)
    training, why_training = _training(rows, network)
    return Proposal(
        likelihood=likelihood,
        network=network,
        training=training,
        why=[why_likelihood, why_network, why_training],
    )


def complete(asked: RunConfig, proposal: Proposal) -> RunConfig:
    """Return ``asked`` with what it leaves out taken from ``proposal``, field by field.

    Options of another kind of likelihood or network than the proposed one keep their own defaults.
    """
    given_names = asked.model_fields_set
    network = _over(proposal.network, asked.network, "network" in given_names)
    training, _ = _for_network(proposal.training, network)
    filled = {
        "likelihood": _over(proposal.likelihood, asked.likelihood, "likelihood" in given_names),
        "network": network,
        "training": _over(training, asked.training, "training" in given_names),
    }
    given = {name: getattr(asked, name) for name in RunConfig.model_fields}
    return RunConfig.model_validate(given | filled)


def _over(proposed: Any, asked: Any, given: bool) -> Any:
    if not given:
        return proposed
    if type(asked) is not type(proposed):
        return asked
    return proposed.model_copy(
        update={name: getattr(asked, name) for name in asked.model_fields_set}
    )


def _likelihood(levels: int | None, share: float) -> tuple[AnyLikelihoodOptions, str]:
    if levels is None:
        return GaussianOptions(), "Gaussian, because the values are real numbers."
    if levels == 2:
        return BernoulliOptions(), "Bernoulli, because every value is one of two."
    if levels <= _FEW_LEVELS:
        return (
            CategoricalOptions(),
            f"Categorical, because the values have only {levels} levels: each can have a "
            "probability of its own.",
        )
    if share >= _AT_EXTREMES:
        return (
            BernoulliOptions(),
            f"Bernoulli, because {share:.0%} of the values are exactly black or white, as ink on a "
            "ground: a discretised logistic could follow them only by collapsing its scale. "
            "Likelihoods are then those of binarised pictures.",
        )
    return (
        DiscretizedLogisticOptions(),
        f"Discretised logistic, because the values have {levels} levels, near ones alike, and only "
        f"{share:.0%} of them are exactly black or white.",
    )


def share_at_extremes(dataset: Dataset) -> float:
    """Return the share of values at the lowest or highest level, of some training rows."""
    rows = evenly(dataset.train.x, _ROWS)
    return ((rows == 0) | (rows == dataset.max_level)).double().mean().item()


def _network(data: DataShape) -> tuple[AnyNetworkOptions, str]:
    count = data.num_features
    if len(data.image_shape) == 3 and min(data.image_shape[:2]) >= _CONVOLUTIONAL_SIDE:
        return (
            ConvolutionalOptions(),
            "Convolutional, because the images are in colour: a perceptron of this many inputs "
            "would be larger and see no neighbourhoods.",
        )
    if not data.image_shape and count <= _FEW_FEATURES:
        return MlpOptions(hidden=[64, 64]), f"A small perceptron, enough for {count} values."
    return MlpOptions(), f"A perceptron, because it is quick with {count} values."


class _Regime(NamedTuple):
    """Training settings for data sets of at least so many training rows."""

    rows: int
    training: TrainingConfig
    why: str


_REGIMES = (
    _Regime(
        5_000,
        TrainingConfig(
            epochs=30,
            batch_size=256,
            learning_rate=2e-3,
            weight_decay=0.01,
            warmup_epochs=3,
            patience=5,
            validation_samples=1,
        ),
        "Large batches and hardly any weight decay, because so many rows are not soon learned by "
        "heart.",
    ),
    _Regime(
        600,
        TrainingConfig(),
        "Small batches, strong weight decay and patience, because few rows are soon learned by "
        "heart.",
    ),
    _Regime(
        0,
        TrainingConfig(
            epochs=300,
            batch_size=16,
            learning_rate=3e-3,
            weight_decay=0.3,
            warmup_epochs=30,
            patience=40,
            validation_samples=16,
        ),
        "Very small batches and many epochs, because so few rows make only few steps in each.",
    ),
)


def _training(rows: int, network: AnyNetworkOptions) -> tuple[TrainingConfig, str]:
    _, training, why = next(regime for regime in _REGIMES if rows >= regime.rows)
    training, more = _for_network(training, network)
    return training, " ".join([why, *more])


def _for_network(
    training: TrainingConfig, network: AnyNetworkOptions
) -> tuple[TrainingConfig, list[str]]:
    """Return settings as the network needs them, with a sentence on each that is another then."""
    why: list[str] = []
    if not isinstance(network, ConvolutionalOptions):
        return training, why
    if training.learning_rate > _CONVOLUTIONAL_RATE:
        training = training.model_copy(update={"learning_rate": _CONVOLUTIONAL_RATE})
        why.append("A smaller learning rate, because at that one convolutions were tried.")
    if training.validation_samples > _FEW_SAMPLES:
        training = training.model_copy(update={"validation_samples": _FEW_SAMPLES})
        why.append("Few draws for each validation row, because convolutions take their time.")
    return training, why

"""What defines a run: data, prior, networks, training."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.data import GivenSplit, SplitOptions
from models.device import DeviceName, Precision
from models.likelihoods import AnyLikelihoodOptions, CategoricalOptions
from models.networks import AnyNetworkOptions, MlpOptions
from models.priors import AnyPriorOptions


class TrainingConfig(BaseModel):
    """How the ELBO is maximised."""

    model_config = ConfigDict(extra="forbid")
    epochs: int = Field(120, ge=1, le=100_000, description="Epochs at the most.")
    batch_size: int = Field(64, ge=1, le=65_536, description="Images in one step.")
    learning_rate: float = Field(8e-3, gt=0.0, le=1.0, description="Of Adam, at its peak.")
    schedule: Literal["cosine", "constant"] = Field(
        "cosine", description="Learning rate: falling to a hundredth over the epochs, or constant."
    )
    weight_decay: float = Field(
        1.0,
        ge=0.0,
        le=100.0,
        description="Decoupled weight decay (AdamW) of the networks, not of prior and likelihood.",
    )
    weight_average: float = Field(
        0.99,
        ge=0.0,
        lt=1.0,
        description="Decay per step of the moving average of the weights; 0 turns it off.",
    )
    beta: float = Field(
        1.0, ge=0.0, le=100.0, description="Weight of the KL terms in the objective; 1 is the ELBO."
    )
    warmup_epochs: int = Field(
        10, ge=0, le=100_000, description="Epochs in which beta grows from 0 to its value."
    )
    patience: int = Field(
        15,
        ge=1,
        le=100_000,
        description="Epochs without a better validation ELBO, after the warm-up, until the end.",
    )
    validation_samples: int = Field(
        4, ge=1, le=1024, description="Draws of z for each validation image, the same every epoch."
    )
    device: DeviceName = Field(
        "auto", description="Where to train: by itself a GPU, if PyTorch sees one, or the CPU."
    )
    precision: Precision = Field(
        "auto",
        description="Of the networks: by itself bfloat16 for convolutions on a GPU, else float32.",
    )
    seed: int = Field(
        0, ge=0, le=2**31 - 1, description="Of the initial weights, the batches and the noise."
    )


class RunConfig(BaseModel):
    """Everything that a run's result depends on; all but ``prior`` has a default.

    The defaults here suit the digits. What other data sets get is in ``models/proposals.py``.
    """

    model_config = ConfigDict(extra="forbid")
    dataset: str = Field("digits", description="Id of the data set.")
    split: SplitOptions = Field(GivenSplit(), description="How rows become three splits.")
    prior: AnyPriorOptions = Field(description="The prior and its options.")
    latent_dim: int = Field(2, ge=1, le=64, description="L, the dimensions of the latent space.")
    likelihood: AnyLikelihoodOptions = Field(
        CategoricalOptions(), description="p(x|z), the distribution of the values."
    )
    network: AnyNetworkOptions = Field(MlpOptions(), description="Of encoder and decoder.")
    training: TrainingConfig = TrainingConfig()


def given(config: BaseModel) -> dict[str, Any]:
    """Return as JSON what was given to ``config``, at all depths, and not what is a default."""
    names = [
        name
        for name in type(config).model_fields
        if name in config.model_fields_set or name == "kind"
    ]
    values = {name: getattr(config, name) for name in names}
    plain = config.model_dump(mode="json", include=set(names))
    return {
        name: given(value) if isinstance(value, BaseModel) else plain[name]
        for name, value in values.items()
    }

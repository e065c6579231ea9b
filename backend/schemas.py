"""Requests and responses, for the server and its client alike."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.server_schemas import Response
from models.config import RunConfig
from models.metrics import Figures

Status = Literal["queued", "running", "finished", "failed", "cancelled", "interrupted"]
Trainer = Literal["server", "command"]
"""What trains a run: the workers of a server, or a command in a shell."""

ENDED: frozenset[Status] = frozenset({"finished", "failed", "cancelled", "interrupted"})
"""In these states nothing trains any more."""

SortKey = Literal[
    "created_at",
    "-created_at",
    "name",
    "-name",
    "status",
    "-status",
    "prior",
    "-prior",
    "elbo",
    "-elbo",
    "log_likelihood",
    "-log_likelihood",
    "marginal_kl",
    "-marginal_kl",
    "hole_mass",
    "-hole_mass",
]
SplitName = Literal["train", "validation", "test"]
EventKind = Literal["status", "progress", "epoch", "deleted"]
RunName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    Field(description="1 to 120 characters; blanks around it are dropped."),
]
Coordinate = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]


class Request(BaseModel):
    """Something a client sends; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class PriorInfo(Response):
    """A kind of prior and the JSON Schema of its options."""

    kind: str
    title: str
    description: str
    options: dict[str, Any]


class CreateRun(RunConfig):
    """A run to train: its configuration, and a name if the default one does not suit."""

    name: RunName | None = Field(
        None,
        description="Default: prior, data set and seed, such as “VampPrior · digits · seed 0”.",
    )

    frozen_from: str | None = Field(
        None,
        description="Id of a run whose encoder and decoder are kept as they are: only the prior is "
        "trained. Data set, split, latent dimensions, likelihood and network are that run's.",
    )


class RenameRun(Request):
    """A run's new name."""

    name: RunName


class AnimationRequest(Request):
    """Pictures to show in turn."""

    frames: list[str] = Field(
        min_length=1, description="PNG files in base64, all of the same size; 300 by default."
    )
    milliseconds: int = Field(
        120, ge=20, le=60_000, description="How long each is shown; GIFs count in steps of 10."
    )
    hold: int = Field(
        1500, ge=0, le=60_000, description="How much longer the last one is shown, in milliseconds."
    )


class Progress(Response):
    """How far the training is; ``seconds_left`` is an upper bound, as patience may end it."""

    epoch: int
    epochs: int
    seconds_left: float | None


class Versions(Response):
    """The software that trained the run, and where."""

    priorscope: str
    torch: str
    numpy: str
    python: str
    device: str | None = Field(
        None, description="Such as “cpu” or “cuda (NVIDIA A100)”. Null: it has not begun."
    )
    precision: str | None = Field(None, description="Of the networks: float32 or bfloat16.")


class Run(Response):
    """A run; ``checkpoint`` counts how often weights were stored, 0 before the first time."""

    # Threads share it.
    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    status: Status
    config: RunConfig
    progress: Progress
    checkpoint: int
    best_epoch: int | None
    metrics: Figures | None = Field(
        description="What was measured with the best weights; the hole curve has its own address."
    )
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    versions: Versions
    frozen_from: str | None = Field(
        description="Id of the run, perhaps deleted since, whose encoder and decoder this one has. "
        "All that name the same run share one latent space. Null: it trained its own."
    )
    resumable: bool = Field(
        description="Whether `resume` would let it go on: it stopped before its end, and not "
        "because it diverged."
    )
    resumed: int = Field(description="How often it went on after it had stopped.")
    note: str | None = Field(
        description="Where it went on last, and after what, such as “Resumed at epoch 12, after "
        "the server had been stopped.” Null: nothing interrupted it."
    )
    metrics_seed: int = Field(
        description="Seed of the draws behind the metrics: that of the training, or of the run it "
        "is frozen from, so that what they share measures the same."
    )

    @property
    def ended(self) -> bool:
        """Whether nothing trains any more."""
        return self.status in ENDED


class RunPage(Response):
    """A page of the list of runs; ``total`` counts those on all pages."""

    items: list[Run]
    total: int
    limit: int
    offset: int


class Terms(Response):
    """The ELBO and its terms in one epoch, in nats per image."""

    elbo: float
    reconstruction: float
    cross_entropy: float
    posterior_entropy: float


class Epoch(Response):
    """One epoch of a run's history."""

    epoch: int
    seconds: float
    learning_rate: float
    beta: float
    train: Terms
    validation: Terms
    is_best: bool


class TermSeries(Response):
    """The ELBO and its terms, a number for each epoch."""

    elbo: list[float]
    reconstruction: list[float]
    cross_entropy: list[float]
    posterior_entropy: list[float]


class History(Response):
    """The epochs of a run as columns."""

    epoch: list[int]
    seconds: list[float]
    learning_rate: list[float]
    beta: list[float]
    train: TermSeries
    validation: TermSeries
    best_epoch: int | None

    @classmethod
    def of(cls, epochs: list[Epoch], best_epoch: int | None) -> History:
        """Turn rows into columns."""
        return cls(
            epoch=[row.epoch for row in epochs],
            seconds=[row.seconds for row in epochs],
            learning_rate=[row.learning_rate for row in epochs],
            beta=[row.beta for row in epochs],
            train=_columns([row.train for row in epochs]),
            validation=_columns([row.validation for row in epochs]),
            best_epoch=best_epoch,
        )


def _columns(rows: list[Terms]) -> TermSeries:
    return TermSeries(
        elbo=[row.elbo for row in rows],
        reconstruction=[row.reconstruction for row in rows],
        cross_entropy=[row.cross_entropy for row in rows],
        posterior_entropy=[row.posterior_entropy for row in rows],
    )


class Event(Response):
    """An entry of the log: its number, what happened, to which run, and the particulars."""

    id: int
    kind: EventKind
    run_id: str
    data: dict[str, Any]

"""The registry of priors: one more prior is one new file and one line in ``PRIORS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from models.data_range import DataRange
from models.priors.base import Prior, PriorOptions
from models.priors.flow import FlowOptions, FlowPrior
from models.priors.gaussian import MogOptions, MogPrior, StandardOptions, StandardPrior
from models.priors.gtm import GtmOptions, GtmPrior, GtmVampPrior, GtmVampPriorOptions
from models.priors.vampprior import VampPrior, VampPriorOptions


@dataclass(frozen=True)
class Shapes:
    """What a prior may need to know of the model: L, and the data's shape and range."""

    latent_dim: int
    data: DataRange


@dataclass(frozen=True)
class PriorKind:
    """A prior as the registry knows it: its name, its options and how it is built."""

    title: str
    description: str
    options: type[PriorOptions]
    build: Callable[[Any, Shapes], Prior]

    @property
    def kind(self) -> str:
        """The name in configs and addresses."""
        return str(self.options.model_fields["kind"].default)


_KINDS = (
    PriorKind(
        "Standard normal",
        "A fixed Gaussian at the origin. The data has to come to it, and leaves holes.",
        StandardOptions,
        lambda options, shapes: StandardPrior(options, shapes.latent_dim),
    ),
    PriorKind(
        "Mixture of Gaussians",
        "K Gaussians that move, stretch and gain or lose weight.",
        MogOptions,
        lambda options, shapes: MogPrior(options, shapes.latent_dim),
    ),
    PriorKind(
        "VampPrior",
        "The mixture of the posteriors of K learned pseudo-inputs, sharing the encoder.",
        VampPriorOptions,
        lambda options, shapes: VampPrior(options, shapes.data),
    ),
    PriorKind(
        "GTM",
        "A fixed square grid, bent into the latent space by a network: a mixture that hangs "
        "together.",
        GtmOptions,
        lambda options, shapes: GtmPrior(options, shapes.latent_dim),
    ),
    PriorKind(
        "GTM-VampPrior",
        "A fixed square grid, mapped to pseudo-inputs by a network, then encoded.",
        GtmVampPriorOptions,
        lambda options, shapes: GtmVampPrior(options, shapes.data),
    ),
    PriorKind(
        "Flow (RealNVP)",
        "A Gaussian bent by a stack of invertible couplings into any shape.",
        FlowOptions,
        lambda options, shapes: FlowPrior(options, shapes.latent_dim),
    ),
)

PRIORS: dict[str, PriorKind] = {kind.kind: kind for kind in _KINDS}

AnyPriorOptions = Annotated[
    StandardOptions
    | MogOptions
    | VampPriorOptions
    | GtmOptions
    | GtmVampPriorOptions
    | FlowOptions,
    Field(discriminator="kind"),
]


def build_prior(options: PriorOptions, shapes: Shapes) -> Prior:
    """Build the prior that ``options`` describe."""
    return PRIORS[options.kind].build(options, shapes)

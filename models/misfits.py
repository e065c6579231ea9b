"""Which likelihoods and networks do not fit a data set."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from models.data_range import DataShape
from models.likelihoods import LIKELIHOODS
from models.networks import NETWORKS


class Misfits(BaseModel):
    """Kinds that do not fit with the options that they have by themselves, each with the reason."""

    model_config = ConfigDict(extra="forbid")
    likelihood: dict[str, str]
    network: dict[str, str]


def misfits(data: DataShape) -> Misfits:
    """Return what does not fit rows of that shape."""
    likelihoods = {kind: options(kind=kind).misfit(data) for kind, options in LIKELIHOODS.items()}
    networks = {kind: options(kind=kind).misfit(data) for kind, options in NETWORKS.items()}
    return Misfits(
        likelihood={kind: reason for kind, reason in likelihoods.items() if reason},
        network={kind: reason for kind, reason in networks.items() if reason},
    )

"""Networks of encoder and decoder: one more is one new file and one line in the union."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from models.data_range import DataShape
from models.networks.base import NetworkOptions
from models.networks.convolutional import ConvolutionalOptions
from models.networks.mlp import MlpOptions

DEFAULT_NETWORK = "mlp"
"""The kind of options that name none: versions that knew nothing else stored such."""


def _with_kind(given: Any) -> Any:
    return {"kind": DEFAULT_NETWORK, **given} if isinstance(given, dict) else given


AnyNetworkOptions = Annotated[
    MlpOptions | ConvolutionalOptions,
    Field(discriminator="kind"),
    BeforeValidator(_with_kind),
]


NETWORKS: dict[str, type[NetworkOptions]] = {
    str(options.model_fields["kind"].default): options
    for options in (MlpOptions, ConvolutionalOptions)
}


class NetworkMisfitError(ValueError):
    """A network does not fit the data; the message says why."""


def check_network(options: NetworkOptions, data: DataShape) -> None:
    """Raise unless the network fits the data.

    Raises:
        NetworkMisfitError: it does not.
    """
    misfit = options.misfit(data)
    if misfit is not None:
        raise NetworkMisfitError(misfit)


__all__ = [
    "DEFAULT_NETWORK",
    "NETWORKS",
    "AnyNetworkOptions",
    "ConvolutionalOptions",
    "MlpOptions",
    "NetworkMisfitError",
    "NetworkOptions",
    "check_network",
]

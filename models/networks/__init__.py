"""Networks of encoder and decoder."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from models.networks.convolutional import ConvolutionalOptions
from models.networks.mlp import MlpOptions


def _perceptron_by_default(given: Any) -> Any:
    # Configurations of versions that knew nothing else have no kind.
    return {"kind": "mlp", **given} if isinstance(given, dict) else given


AnyNetworkOptions = Annotated[
    MlpOptions | ConvolutionalOptions,
    Field(discriminator="kind"),
    BeforeValidator(_perceptron_by_default),
]

__all__ = ["AnyNetworkOptions", "ConvolutionalOptions", "MlpOptions"]

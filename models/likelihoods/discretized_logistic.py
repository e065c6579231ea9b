"""The discretised logistic likelihood: levels as intervals of a continuous density."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from models.likelihoods.base import LikelihoodOptions, Scale


class DiscretizedLogisticOptions(LikelihoodOptions):
    """Options of the discretised logistic likelihood."""

    model_config = ConfigDict(title="Discretised logistic")
    kind: Literal["discretized_logistic"] = "discretized_logistic"
    scale: Scale = Field(
        "predicted",
        description="The width at each pixel: predicted by the decoder for every z, or learned, "
        "one number for each pixel.",
    )

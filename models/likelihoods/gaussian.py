"""The Gaussian likelihood of real numbers."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from models.likelihoods.base import LikelihoodOptions, Scale


class GaussianOptions(LikelihoodOptions):
    """Options of the Gaussian likelihood."""

    model_config = ConfigDict(title="Gaussian likelihood")
    kind: Literal["gaussian"] = "gaussian"
    scale: Scale = Field(
        "learned",
        description="The standard deviation: learned, one for each value, or predicted by the "
        "decoder for every z.",
    )
    min_scale: float = Field(
        0.05,
        gt=0.0,
        le=1.0,
        description="Lower bound of it, in standard deviations of the training data: without one "
        "a value that repeats would be worth any density.",
    )

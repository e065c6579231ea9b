"""The Bernoulli likelihood: ink or no ink."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from models.likelihoods.base import LikelihoodOptions


class BernoulliOptions(LikelihoodOptions):
    """The Bernoulli likelihood has nothing to set."""

    model_config = ConfigDict(title="Bernoulli")
    kind: Literal["bernoulli"] = "bernoulli"

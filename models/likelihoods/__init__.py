"""Likelihoods p(x|z): normalised distributions over the data as given."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.likelihoods.base import LikelihoodOptions
from models.likelihoods.bernoulli import BernoulliOptions
from models.likelihoods.categorical import CategoricalLikelihood, CategoricalOptions
from models.likelihoods.discretized_logistic import DiscretizedLogisticOptions
from models.likelihoods.gaussian import GaussianOptions

AnyLikelihoodOptions = Annotated[
    CategoricalOptions | BernoulliOptions | DiscretizedLogisticOptions | GaussianOptions,
    Field(discriminator="kind"),
]

__all__ = [
    "AnyLikelihoodOptions",
    "BernoulliOptions",
    "CategoricalLikelihood",
    "CategoricalOptions",
    "DiscretizedLogisticOptions",
    "GaussianOptions",
    "LikelihoodOptions",
]

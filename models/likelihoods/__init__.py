"""The registry of likelihoods: one more is one new file and one line in ``LIKELIHOODS``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.data_range import DataShape
from models.likelihoods.base import Likelihood, LikelihoodHead, LikelihoodOptions
from models.likelihoods.bernoulli import BernoulliOptions
from models.likelihoods.categorical import CategoricalOptions
from models.likelihoods.discretized_logistic import DiscretizedLogisticOptions
from models.likelihoods.gaussian import GaussianOptions

AnyLikelihoodOptions = Annotated[
    CategoricalOptions | BernoulliOptions | DiscretizedLogisticOptions | GaussianOptions,
    Field(discriminator="kind"),
]

LIKELIHOODS: dict[str, type[LikelihoodOptions]] = {
    str(options.model_fields["kind"].default): options
    for options in (
        CategoricalOptions,
        BernoulliOptions,
        DiscretizedLogisticOptions,
        GaussianOptions,
    )
}


class LikelihoodMisfitError(ValueError):
    """A likelihood does not fit the data; the message says why, and what would."""


def check_likelihood(options: LikelihoodOptions, data: DataShape) -> None:
    """Raise unless the likelihood fits the data.

    Raises:
        LikelihoodMisfitError: it does not.
    """
    misfit = options.misfit(data)
    if misfit is not None:
        fitting = [
            f"“{kind}”"
            for kind, other in LIKELIHOODS.items()
            if kind != options.kind and other(kind=kind).misfit(data) is None
        ]
        raise LikelihoodMisfitError(f"{misfit} What would fit: {', '.join(fitting)}.")


__all__ = [
    "LIKELIHOODS",
    "AnyLikelihoodOptions",
    "BernoulliOptions",
    "CategoricalOptions",
    "DiscretizedLogisticOptions",
    "GaussianOptions",
    "Likelihood",
    "LikelihoodHead",
    "LikelihoodMisfitError",
    "LikelihoodOptions",
    "check_likelihood",
]

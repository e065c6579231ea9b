"""A number and how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

Estimator = Literal["closed_form", "quadrature", "monte_carlo", "importance_weighted"]


@dataclass(frozen=True)
class Estimate:
    """A value in nats per image (or a probability), with its error and its provenance.

    ``standard_error`` is that of the ``samples`` draws for the images as given, not that of having
    seen these images and no others; it is None where the value is exact. For a quadrature
    ``samples`` is the number of grid points; where it has an error, rows stand for a larger split,
    and ``samples`` is their number.
    """

    value: float
    standard_error: float | None
    estimator: Estimator
    samples: int | None


def monte_carlo(draws: Tensor, samples: int | None = None) -> Estimate:
    """Return the mean of independent ``draws`` (n,), n >= 2, with its standard error."""
    draws = draws.double()
    error = draws.std() / len(draws) ** 0.5
    return Estimate(draws.mean().item(), error.item(), "monte_carlo", samples or len(draws))


def draws_share(hits: Tensor) -> Estimate:
    """Return the share of independent draws (n,) that are true, with its standard error."""
    share = hits.double().mean().item()
    error = (share * (1.0 - share) / len(hits)) ** 0.5
    return Estimate(share, error, "monte_carlo", len(hits))


def quadrature(value: float | Tensor, points: int) -> Estimate:
    """Return an integral over ``points`` grid points, exact but for the step of the grid."""
    return Estimate(float(value), None, "quadrature", points)


def closed_form(value: float | Tensor) -> Estimate:
    """Return a value that a formula gives."""
    return Estimate(float(value), None, "closed_form", None)

"""Sums of exponentials that are all far too small, or too large, to be written down."""

from __future__ import annotations

from torch import Tensor

_NEGLIGIBLE = -700.0  # nats below the largest term: what exp() makes of it is nearly denormal


def log_sum_exp_(terms: Tensor) -> Tensor:
    """Return the log of the sum of exp(terms) over the last dimension, which is overwritten.

    In place, and without the denormal numbers that exponentials are slow with.
    """
    largest = terms.amax(-1, keepdim=True)
    terms.sub_(largest).clamp_min_(_NEGLIGIBLE).exp_()
    return terms.sum(-1).log_().add_(largest[..., 0])

"""Holes as numbers: how much of the prior lies where the aggregated posterior is not.

Everything here works on weighted atoms: a log-ratio s = log p(z) - log q(z) and a mass for each.
On a grid the atoms are the cells, with the mass p (or q) gives them; otherwise they are draws of
p (or q) of equal mass. So the exact and the Monte-Carlo figures share every formula.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Atoms:
    """Places weighted by one density: ``log_ratio`` (n,) and ``mass`` (n,), which sums to 1."""

    log_ratio: Tensor
    mass: Tensor

    @classmethod
    def of_cells(cls, log_ratio: Tensor, log_density: Tensor) -> Atoms:
        """Return the cells of a grid, with the mass that the density gives them."""
        mass = log_density.flatten().double().exp()
        return cls(log_ratio.flatten().double(), mass / mass.sum())

    @classmethod
    def of_draws(cls, log_ratio: Tensor) -> Atoms:
        """Return draws from the density, of equal mass."""
        return cls(log_ratio.double(), torch.full_like(log_ratio, 1 / len(log_ratio)).double())

    def mass_above(self, threshold: float) -> float:
        """Return the mass where the log-ratio is at least ``threshold``."""
        return self._sum(self.log_ratio >= threshold)

    def mass_below(self, threshold: float) -> float:
        """Return the mass where the log-ratio is less than ``threshold``."""
        return self._sum(self.log_ratio < threshold)

    def _sum(self, chosen: Tensor) -> float:
        # A sum of many shares may exceed 1 by its rounding.
        return min(1.0, self.mass[chosen].sum().item())

    def mean_log_ratio(self) -> float:
        """Return E[log p - log q]: KL(p||q) under p, -KL(q||p) under q, in nats."""
        return (self.mass * self.log_ratio).sum().item()


def hole_mass(prior: Atoms, threshold: float) -> float:
    """Return M = P_p[p/q >= threshold].

    Of all draws from the prior, the share that lands where the prior promises more than
    ``threshold`` times what the data put there.
    """
    return prior.mass_above(math.log(threshold))


def uncovered_mass(aggregated_posterior: Atoms, threshold: float) -> float:
    """Return the converse, P_q[p/q < 1/threshold]: data that the prior hardly ever draws."""
    return aggregated_posterior.mass_below(-math.log(threshold))


@dataclass(frozen=True)
class HoleCurve:
    """H(epsilon) = max{p(S) : q(S) <= epsilon}, from (0, H(0)) to (1, 1), both increasing.

    By the Neyman-Pearson lemma the best sets S are those of large p/q, so the curve is the ROC
    curve of telling p from q; the diagonal means p = q. It does not change under any smooth
    reparameterisation of z (arXiv 2106.06819 calls such sets (epsilon, delta)-prior-holes).
    """

    epsilon: Tensor
    mass: Tensor

    @classmethod
    def of(cls, prior: Atoms, aggregated_posterior: Atoms) -> HoleCurve:
        """Return the curve of the two densities, at every threshold that they show."""
        log_ratio = torch.cat([prior.log_ratio, aggregated_posterior.log_ratio])
        nothing_p = torch.zeros_like(prior.mass)
        nothing_q = torch.zeros_like(aggregated_posterior.mass)
        p = torch.cat([prior.mass, nothing_q])
        q = torch.cat([nothing_p, aggregated_posterior.mass])
        order = log_ratio.argsort(descending=True)
        sorted_ratio = log_ratio[order]
        # Equal ratios enter S together: only the last of each is a point of the curve.
        last = torch.ones_like(sorted_ratio, dtype=torch.bool)
        last[:-1] = sorted_ratio[:-1] != sorted_ratio[1:]
        zero = torch.zeros(1, dtype=torch.float64)
        return cls(
            torch.cat([zero, q[order].cumsum(0)[last]]), torch.cat([zero, p[order].cumsum(0)[last]])
        )

    def at(self, epsilon: float | Tensor) -> Tensor:
        """Return H(epsilon): between two thresholds a share of the next atoms is taken."""
        wanted = torch.as_tensor(epsilon, dtype=torch.float64)
        # Of several points at the same epsilon the highest counts: searching from the right.
        right = torch.searchsorted(self.epsilon, wanted, right=True).clamp(1, len(self.epsilon) - 1)
        x0, x1 = self.epsilon[right - 1], self.epsilon[right]
        y0, y1 = self.mass[right - 1], self.mass[right]
        share = torch.where(x1 > x0, (wanted - x0) / (x1 - x0), torch.ones_like(x0))
        return y0 + share * (y1 - y0)

    def total_variation(self) -> float:
        """Return TV(p, q) = max over epsilon of H(epsilon) - epsilon."""
        return (self.mass - self.epsilon).max().item()

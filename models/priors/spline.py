"""The rational-quadratic spline, an element-wise invertible map."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

MIN_SHARE = 1e-3
MIN_DERIVATIVE = 1e-3


class RationalQuadraticSpline(nn.Module):
    """A monotone spline on ``[-bound, bound]`` for each dimension, the identity outside.

    Durkan et al. 2019, "Neural Spline Flows", eq. 4 to 8, without a conditioning network: the
    ``num_bins`` widths, heights and inner derivatives are parameters. Starts as the identity.
    """

    def __init__(self, latent_dim: int, num_bins: int = 16, bound: float = 4.0) -> None:
        super().__init__()
        self.bound = bound
        self.num_bins = num_bins
        self.raw_widths = nn.Parameter(torch.zeros(latent_dim, num_bins))
        self.raw_heights = nn.Parameter(torch.zeros(latent_dim, num_bins))
        # softplus of this plus the minimum is 1: slopes that meet the identity outside.
        one = torch.tensor(1.0 - MIN_DERIVATIVE).expm1().log()
        self.raw_derivatives = nn.Parameter(one.repeat(latent_dim, num_bins - 1))

    def _knots(self, raw: Tensor) -> Tensor:
        """Return ``(L, num_bins + 1)`` increasing knots from -bound to bound."""
        shares = MIN_SHARE + (1 - MIN_SHARE * self.num_bins) * raw.softmax(-1)
        inner = 2 * self.bound * shares.cumsum(-1)[:, :-1] - self.bound
        return functional.pad(
            functional.pad(inner, (1, 0), value=-self.bound), (0, 1), value=self.bound
        )

    def _bins(
        self, value: Tensor, knots: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Return, each ``(batch, L)``: x and y of the bin's left knot, width, height, slopes.

        ``value`` is looked up among ``knots``: those of x forward, those of y for the inverse.
        """
        inside = value.clamp(-self.bound, self.bound).T.contiguous()
        bin_index = torch.searchsorted(knots, inside, right=True).sub(1)
        bin_index = bin_index.clamp(0, self.num_bins - 1)
        x, y = self._knots(self.raw_widths), self._knots(self.raw_heights)
        inner = functional.softplus(self.raw_derivatives) + MIN_DERIVATIVE
        slope = functional.pad(inner, (1, 1), value=1.0)

        def pick(table: Tensor, shift: int = 0) -> Tensor:
            return table.gather(1, bin_index + shift).T

        left_x, left_y = pick(x), pick(y)
        return left_x, left_y, pick(x, 1) - left_x, pick(y, 1) - left_y, pick(slope), pick(slope, 1)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Map towards the base; return it with log_abs_det_jacobian ``(batch,)``."""
        x, y, width, height, left, right = self._bins(z, self._knots(self.raw_widths))
        steepness = height / width
        inside = (z > -self.bound) & (z < self.bound)
        t = torch.where(inside, (z - x) / width, torch.full_like(z, 0.5))
        cross = t * (1 - t)
        denominator = steepness + (left + right - 2 * steepness) * cross
        u = y + height * (steepness * t.square() + left * cross) / denominator
        slope = right * t.square() + 2 * steepness * cross + left * (1 - t).square()
        log_slope = 2 * steepness.log() + slope.log() - 2 * denominator.log()
        return (
            torch.where(inside, u, z),
            torch.where(inside, log_slope, torch.zeros_like(z)).sum(-1),
        )

    def inverse(self, u: Tensor) -> Tensor:
        """Map from the base back to z: the root of a quadratic in each bin (eq. 6 to 8)."""
        x, y, width, height, left, right = self._bins(u, self._knots(self.raw_heights))
        steepness = height / width
        inside = (u > -self.bound) & (u < self.bound)
        rise = torch.where(inside, u - y, torch.zeros_like(u))
        curvature = left + right - 2 * steepness
        a = height * (steepness - left) + rise * curvature
        b = height * left - rise * curvature
        c = -steepness * rise
        root = 2 * c / (-b - (b.square() - 4 * a * c).clamp_min(0).sqrt())
        return torch.where(inside, x + root * width, u)

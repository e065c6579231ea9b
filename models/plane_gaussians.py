"""Weighted Gaussians over a plane, summed exactly on a regular grid."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from models.grid_error import grid_error
from models.log_sum import log_sum_exp_

_POINTS = 512  # of the N Gaussians at once: two (512, resolution) factors stay in the cache
_LEAST = 1e-150  # of a factor, relative to its peak: products stay clear of denormal numbers
_NEGLIGIBLE = 60.0  # nats below the largest term: N of them would still not change a float64
_TILE_CELLS = 256  # a smaller tile gains little by leaving out more Gaussians
_FEW = 64  # of so few Gaussians none is worth leaving out
_SPREAD = 600.0  # nats: the largest and the smallest sum of a tile must both be float64 numbers
_TERMS = 1 << 17  # (cell, n) pairs at once: they stay in the cache
_LOG_2PI = math.log(2.0 * math.pi)


@dataclass(frozen=True)
class PlaneGaussians:
    """sum_n w_n N(u; loc_n, C_n) over u in R^2, in float64; the weights need not sum to 1.

    C_n has the standard deviations ``scale`` (N, 2) and the correlation ``correlation`` (N,);
    ``log_weight`` is (N,), ``loc`` (N, 2).
    """

    log_weight: Tensor
    loc: Tensor
    scale: Tensor
    correlation: Tensor

    @classmethod
    def of_equal_weight(cls, loc: Tensor, scale: Tensor) -> PlaneGaussians:
        """Return the mean of N diagonal Gaussians, ``loc`` and ``scale`` (N, 2)."""
        nothing = torch.zeros(len(loc), dtype=torch.float64)
        return cls(nothing - math.log(len(loc)), loc.double(), scale.double(), nothing)

    @classmethod
    def of_covariance(cls, log_weight: Tensor, loc: Tensor, covariance: Tensor) -> PlaneGaussians:
        """Return Gaussians with full ``covariance`` (N, 2, 2)."""
        scale = covariance.diagonal(dim1=-2, dim2=-1).sqrt()
        return cls(log_weight, loc, scale, covariance[:, 0, 1] / scale.prod(-1))

    def grid_log_density(self, z1: Tensor, z2: Tensor) -> Tensor:
        """Return the log of the sum on a regular grid, ``(len(z2), len(z1))``: rows are z2.

        Without correlations the sum over n factorises into one matrix product, B^T A with
        A[n, j] = N(z1_j; loc_n1, scale_n1) and B[n, i] = w_n N(z2_i; loc_n2, scale_n2), here with
        both heights in B; cells in which the products are too small for that, and all cells
        otherwise, are summed directly.
        """
        if self.correlation.any():
            values = torch.empty(len(z2), len(z1), dtype=torch.float64)
            _Tiles(values, torch.ones_like(values, dtype=torch.bool), z1, z2).fill(self)
            return values
        largest = self.log_weight.max()
        height = (self.log_weight - largest).exp() / (2.0 * math.pi * self.scale.prod(-1))
        density = torch.zeros(len(z2), len(z1), dtype=torch.float64)
        parts = (part.split(_POINTS) for part in (height.unsqueeze(-1), self.loc, self.scale))
        for peak, loc, scale in zip(*parts, strict=True):
            rows = _bell(z2, loc[:, 1:], scale[:, 1:]).mul_(peak)
            density.addmm_(rows.T, _bell(z1, loc[:, :1], scale[:, :1]))
        # What the factors add is at most this share of the largest density a Gaussian reaches.
        added = len(self.loc) * _LEAST * height.max().item()
        lost = density < added * math.exp(_NEGLIGIBLE)
        values = density.log_() + largest
        _Tiles(values, lost, z1, z2).fill(self)
        return values

    def smallest_scale(self) -> float:
        """Return the smallest standard deviation in any direction: a grid needs steps no larger."""
        return self._narrowest().min().item()

    def grid_error(self, step: float) -> float:
        """Return the share of the sum that a grid of that step may misplace, as ``grid_error``."""
        return grid_error(self._narrowest(), step, self.log_weight.softmax(0))

    def _narrowest(self) -> Tensor:
        """Return the smallest standard deviation of each in any direction, (N, 1)."""
        variance = self.scale.square()
        mean, half = variance.mean(-1), (variance[:, 0] - variance[:, 1]) / 2
        spread = torch.hypot(half, self.correlation * self.scale.prod(-1))
        # The product of both principal variances is the determinant; their difference cancels.
        least = (1.0 - self.correlation.square()) * variance.prod(-1) / (mean + spread)
        return least.sqrt().unsqueeze(-1)

    def squared(self) -> PlaneGaussians:
        """Return the same with every term squared: N(u; loc, C)^2 = N(u; loc, C/2) / (4 pi |C|^.5).

        The terms of a Monte-Carlo mean have this sum of squares, whence its standard error.
        """
        half_log_det = self.scale.log().sum(-1) + 0.5 * torch.log1p(-self.correlation.square())
        log_weight = 2.0 * self.log_weight - math.log(4.0 * math.pi) - half_log_det
        return replace(self, log_weight=log_weight, scale=self.scale / math.sqrt(2.0))

    def that_matter(self, low: Tensor, high: Tensor) -> tuple[PlaneGaussians, float, float]:
        """Return those not negligible everywhere in a box, and bounds on the largest term in it.

        The largest value that one takes in the box is compared with the least that the best one
        takes there, so none is dropped whose absence a float64 could show. With a correlation r,
        x^T R^-1 x lies between |x|^2 / (1 + |r|) and |x|^2 / (1 - |r|).
        """
        correlation = self.correlation.abs()
        nearest = (self.loc.clamp(low, high) - self.loc) / self.scale
        farthest = torch.maximum((self.loc - low).abs(), (high - self.loc).abs()) / self.scale
        peak = self._log_peak()
        most = peak - 0.5 * nearest.square().sum(-1) / (1.0 + correlation)
        least = (peak - 0.5 * farthest.square().sum(-1) / (1.0 - correlation)).max()
        keep = most > least - _NEGLIGIBLE
        kept = PlaneGaussians(
            self.log_weight[keep], self.loc[keep], self.scale[keep], self.correlation[keep]
        )
        return kept, least.item(), most.max().item()

    def _log_peak(self) -> Tensor:
        """Return the log of each weighted Gaussian at its mean, (N,)."""
        log_det = 2.0 * self.scale.log().sum(-1) + torch.log1p(-self.correlation.square())
        return self.log_weight - 0.5 * log_det - _LOG_2PI

    def log_terms(self, u: Tensor) -> Tensor:
        """Return the log of every term at ``u``: (M, 2) -> (M, N)."""
        x, y = (
            (along.unsqueeze(-1) - loc).div_(scale)
            for along, loc, scale in zip(u.T, self.loc.T, self.scale.T, strict=True)
        )
        # x^2 - 2 r x y + y^2 = (x - r y)^2 + (1 - r^2) y^2
        x.addcmul_(y, self.correlation, value=-1.0).square_()
        x.div_(1.0 - self.correlation.square()).add_(y.square_())
        return torch.add(self._log_peak(), x, alpha=-0.5)

    def exponents(self, centre: Tensor) -> Tensor:
        """Return the six coefficients of each log term, (6, N), of a polynomial about ``centre``.

        They go with 1, x, y, x^2, x y, y^2 of u - centre.
        """
        narrowing = 1.0 / (1.0 - self.correlation.square())
        xx, yy = (narrowing / self.scale.square().T).unbind()
        xy = -self.correlation * narrowing / self.scale.prod(-1)
        x, y = (self.loc - centre).unbind(-1)
        constant = self._log_peak() - 0.5 * (xx * x * x + 2.0 * xy * x * y + yy * y * y)
        linear = xx * x + xy * y, xy * x + yy * y
        return torch.stack([constant, *linear, -0.5 * xx, -xy, -0.5 * yy])


@dataclass(frozen=True)
class _Tiles:
    """Cells of a grid, ``values`` (rows, columns), of which the ``wanted`` are to be filled."""

    values: Tensor
    wanted: Tensor
    z1: Tensor
    z2: Tensor

    def fill(self, gaussians: PlaneGaussians) -> None:
        """Write the log sums of ``gaussians`` into the wanted cells.

        Halving the grid again and again, each tile keeps only the Gaussians that matter in it.
        """
        self._fill(gaussians, range(len(self.z2)), range(len(self.z1)))

    def _fill(self, gaussians: PlaneGaussians, rows: range, columns: range) -> None:
        tile = self.wanted[rows.start : rows.stop, columns.start : columns.stop]
        if not tile.any():
            return
        i, j = tile.nonzero(as_tuple=True)
        u = torch.stack([self.z1[columns.start + j], self.z2[rows.start + i]], dim=-1)
        low, high = u.amin(0), u.amax(0)
        gaussians, least, most = gaussians.that_matter(low, high)
        if len(u) > _TILE_CELLS and len(gaussians.loc) > _FEW:
            for upper in _halves(rows):
                for left in _halves(columns):
                    self._fill(gaussians, upper, left)
            return
        if most - least < _SPREAD and len(gaussians.loc) > _FEW:
            sums = _many_log_sums(u, gaussians, (low + high) / 2, least)
        else:
            sums = _log_sums(u, gaussians)
        self.values[rows.start + i, columns.start + j] = sums


def _log_sums(u: Tensor, gaussians: PlaneGaussians) -> Tensor:
    """Return the log sums at ``u`` (M, 2), however far apart they are."""
    parts = u.split(max(1, _TERMS // max(1, len(gaussians.loc))))
    return torch.cat([log_sum_exp_(gaussians.log_terms(part)) for part in parts])


def _many_log_sums(u: Tensor, gaussians: PlaneGaussians, centre: Tensor, least: float) -> Tensor:
    """Return the log sums at ``u`` (M, 2) around ``centre``, none of which is below ``least``.

    The logs of all terms are one matrix product; there is no largest one to look for.
    """
    x, y = (u - centre).unbind(-1)
    powers = torch.stack([torch.ones_like(x), x, y, x * x, x * y, y * y], dim=-1)
    total = torch.zeros(len(u), dtype=torch.float64)
    coefficients = gaussians.exponents(centre)
    coefficients[0] -= least
    for part in coefficients.split(max(1, _TERMS // len(u)), dim=1):
        total += (powers @ part).exp_().sum(-1)
    return total.log_() + least


def _halves(cells: range) -> tuple[range, ...]:
    middle = (cells.start + cells.stop) // 2
    halves = range(cells.start, middle), range(middle, cells.stop)
    return tuple(half for half in halves if half)


def _bell(z: Tensor, loc: Tensor, scale: Tensor) -> Tensor:
    """Return exp(-(z - loc)^2 / (2 scale^2)): ``(R,)`` coordinates, ``(n, 1)`` -> ``(n, R)``.

    Less than ``_LEAST`` becomes ``_LEAST``. Without that the matrix product, and the exponential
    itself, would spend four fifths of their time on denormal numbers.
    """
    square = (z - loc).square_()
    return square.mul_(-0.5 / scale.square()).clamp_min_(math.log(_LEAST)).exp_()

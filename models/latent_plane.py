"""Planes in a latent space of more than two dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from models.distributions import DiagonalGaussian

_LEAST_SINE = 1e-6  # of the angle at the first of three points: below, they lie on a line


@dataclass(frozen=True)
class LatentPlane:
    """The points z = origin + a axes[0] + b axes[1]; conversely a = (z - origin) . axes[0].

    Made of plain numbers, so that equal planes are equal and can be looked up.
    """

    origin: tuple[float, ...]
    """(L,), where a = b = 0"""
    axes: tuple[tuple[float, ...], tuple[float, ...]]
    """two orthonormal rows, (2, L)"""
    names: tuple[str, str]
    """of the coordinates a and b"""

    @classmethod
    def of(cls, origin: Tensor, axes: Tensor, names: tuple[str, str]) -> LatentPlane:
        """Return the plane with ``origin`` (L,) and orthonormal ``axes`` (2, L)."""
        first, second = axes.double().tolist()
        return cls(tuple(origin.double().tolist()), (tuple(first), tuple(second)), names)

    @property
    def latent_dim(self) -> int:
        """L, the dimensions of the space that the plane lies in."""
        return len(self.origin)

    @property
    def origin_tensor(self) -> Tensor:
        """The origin, (L,) float64."""
        return torch.tensor(self.origin, dtype=torch.float64)

    @property
    def axes_tensor(self) -> Tensor:
        """The axes, (2, L) float64."""
        return torch.tensor(self.axes, dtype=torch.float64)

    def project(self, z: Tensor) -> Tensor:
        """Return the coordinates (a, b) of the plane's nearest points, (..., L) -> (..., 2)."""
        return (z.double() - self.origin_tensor) @ self.axes_tensor.T

    def lift(self, u: Tensor) -> Tensor:
        """Return the places z of the plane's points, (..., 2) -> (..., L)."""
        return self.origin_tensor + u.double() @ self.axes_tensor

    def project_spread(self, scale: Tensor) -> Tensor:
        """Return the standard deviations along the axes of diagonal Gaussians, (N, L) -> (N, 2)."""
        return (scale.double().square() @ self.axes_tensor.square().T).sqrt()


def axes_plane(first: int, second: int, at: Tensor) -> LatentPlane:
    """Return the plane of two coordinates, counted from 1; the others stay as in ``at`` (L,).

    Its origin has a 0 in both coordinates, so that a = z_first and b = z_second.

    Raises:
        ValueError: the coordinates are equal, or there are fewer.
    """
    latent_dim = len(at)
    _require_different(first, second, latent_dim, "coordinate")
    axes = torch.eye(latent_dim, dtype=torch.float64)[[first - 1, second - 1]]
    origin = at.double().clone()
    origin[[first - 1, second - 1]] = 0.0
    return LatentPlane.of(origin, axes, (f"z{first}", f"z{second}"))


@dataclass(frozen=True)
class Direction:
    """A direction at a right angle to a plane, along which the plane can be moved."""

    name: str
    axis: Tensor
    """of length 1, (L,)"""
    zero: Tensor
    """(L,): the coordinate of z along it is (z - zero) . axis"""

    def coordinate(self, z: Tensor) -> Tensor:
        """Return where points lie along it, (..., L) -> (...)."""
        return (z.double() - self.zero) @ self.axis


def other_coordinates(plane: LatentPlane) -> list[Direction]:
    """Return the coordinates that an axes plane leaves out."""
    axes = torch.eye(plane.latent_dim, dtype=torch.float64)
    return _beside(plane, axes, "z", torch.zeros_like(axes[0]))


@dataclass(frozen=True)
class PrincipalComponents:
    """Mean and principal components of q(z), which has the covariance Cov(loc) + E[scale^2]."""

    mean: Tensor
    """(L,)"""
    covariance: Tensor
    """(L, L)"""
    components: Tensor
    """(L, L): orthonormal rows, of falling variance"""

    @classmethod
    def of(cls, posterior: DiagonalGaussian) -> PrincipalComponents:
        """Return those of the mixture of N posteriors.

        Of a component and its negative the one is taken whose largest entry is positive.
        """
        loc, scale = posterior.loc.double(), posterior.scale.double()
        mean = loc.mean(0)
        centred = loc - mean
        covariance = centred.T @ centred / len(loc) + torch.diag(scale.square().mean(0))
        components = torch.linalg.eigh(covariance).eigenvectors.T.flip(0)
        largest = components.gather(1, components.abs().argmax(1, keepdim=True))
        return cls(mean, covariance, components * largest.sign())

    def explained(self, axes: Tensor) -> list[float]:
        """Return the shares of the whole variance of q along ``axes`` (k, L)."""
        along = (axes @ self.covariance * axes).sum(-1)
        return (along / self.covariance.trace()).tolist()

    def others(self, plane: LatentPlane) -> list[Direction]:
        """Return the components that a plane of two of them leaves out."""
        return _beside(plane, self.components, "PC ", self.mean)

    def plane(self, first: int, second: int, at: Tensor) -> LatentPlane:
        """Return the plane of two components, counted from 1, through ``at`` (L,).

        a and b are the scores: both are 0 at the mean, or at the point of the plane next to it.

        Raises:
            ValueError: the components are equal, or there are fewer.
        """
        _require_different(first, second, len(self.mean), "principal component")
        axes = self.components[[first - 1, second - 1]]
        offset = at.double() - self.mean
        origin = self.mean + offset - offset @ axes.T @ axes
        return LatentPlane.of(origin, axes, (f"PC {first}", f"PC {second}"))


def plane_through(points: Tensor) -> LatentPlane:
    """Return the plane through three ``points`` (3, L).

    The first is its origin, the second lies on its first axis, the third on the side b > 0.

    Raises:
        ValueError: two points are the same, or all three lie on one line.
    """
    origin, second, third = points.double()
    along, aside = second - origin, third - origin
    if not (along.norm() > 0 and aside.norm() > 0 and (second - third).norm() > 0):
        raise ValueError("Two of the three points are the same; a plane needs three places.")
    first_axis = along / along.norm()
    across = aside - (aside @ first_axis) * first_axis
    if across.norm() <= _LEAST_SINE * aside.norm():
        raise ValueError("The three points lie on one line; a plane needs one beside it.")
    return LatentPlane.of(origin, torch.stack([first_axis, across / across.norm()]), ("u", "v"))


def _beside(plane: LatentPlane, axes: Tensor, name: str, zero: Tensor) -> list[Direction]:
    """Return those of the orthonormal ``axes`` that are not the plane's own."""
    within = (axes @ plane.axes_tensor.T).square().sum(-1)
    return [
        Direction(f"{name}{number}", axis, zero)
        for number, axis in enumerate(axes, start=1)
        if within[number - 1] < 0.5
    ]


def _require_different(first: int, second: int, latent_dim: int, what: str) -> None:
    for number in (first, second):
        if not 1 <= number <= latent_dim:
            raise ValueError(
                f"There is no {what} {number}; this latent space has 1 to {latent_dim}."
            )
    if first == second:
        raise ValueError(f"A plane needs two different {what}s; both are {first}.")

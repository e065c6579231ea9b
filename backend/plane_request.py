"""Which plane of a latent space is asked for, and how densities are read on it."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from backend.errors import InvalidRequestError
from models.latent_plane import (
    Direction,
    LatentPlane,
    PrincipalComponents,
    axes_plane,
    other_coordinates,
    plane_through,
)
from models.plane_density import Reading

_FORMS = (
    "It is axes:1,3 (two coordinates), pca or pca:1,2 (two principal components of q), or "
    "points:a1,..,aL;b1,..,bL;c1,..,cL (through three points)."
)
_FARTHEST = 1e6


class Section(NamedTuple):
    """A plane of a run's latent space, and how densities are read on it."""

    name: str
    """the plane as it stands in an address"""
    plane: LatentPlane
    reading: Reading

    def directions(self, components: PrincipalComponents) -> list[Direction]:
        """Return those in which the plane can be moved; none for one through three points."""
        match self.name.partition(":")[0]:
            case "axes":
                return other_coordinates(self.plane)
            case "pca":
                return components.others(self.plane)
            case _:
                return []


class PlaneRequest(NamedTuple):
    """A plane as it stands in an address; None where it is left out."""

    plane: str | None = None
    at: str | None = None
    reading: Reading | None = None

    def refuse_unless_empty(self, latent_dim: int) -> None:
        """Refuse every part for a run that has no planes to choose from.

        Raises:
            InvalidRequestError: a part is given.
        """
        whole = "a line" if latent_dim == 1 else "a plane itself"
        for name, value in self._asdict().items():
            if value is not None:
                raise InvalidRequestError.at(
                    name,
                    f"This run's latent space is {whole}: there is no plane in it to choose. "
                    f"Leave “{name}” out.",
                )

    def resolve(self, components: PrincipalComponents) -> Section:
        """Return the plane, in the space whose q has these principal components.

        By default the first two of them, and marginals.

        Raises:
            InvalidRequestError: it is not of a known form, or there is no such plane.
        """
        name = "pca:1,2" if self.plane is None or self.plane == "pca" else self.plane
        return Section(name, self._plane(name, components), self.reading or "marginal")

    def _plane(self, asked: str, components: PrincipalComponents) -> LatentPlane:
        kind, _, rest = asked.partition(":")
        latent_dim = len(components.mean)
        try:
            if kind == "points":
                return plane_through(self._points(rest, latent_dim))
            at = components.mean if self.at is None else _numbers("at", self.at, latent_dim)
            if kind == "axes":
                return axes_plane(*_pair(asked, rest), at)
            if kind == "pca":
                return components.plane(*_pair(asked, rest), at)
        except ValueError as error:
            raise InvalidRequestError.at("plane", str(error)) from error
        raise InvalidRequestError.at("plane", f"“{asked[:80]}” is no plane. {_FORMS}")

    def _points(self, text: str, latent_dim: int) -> Tensor:
        if self.at is not None:
            raise InvalidRequestError.at(
                "at", "A plane through three points lies where they are. Leave “at” out."
            )
        points = text.split(";")
        if len(points) != 3:
            raise InvalidRequestError.at(
                "plane",
                f"There are {len(points)} points, with “;” between them; a plane needs three.",
            )
        return torch.stack([_numbers("plane", point, latent_dim) for point in points])


USUAL_PLANE = PlaneRequest()


def _pair(asked: str, text: str) -> tuple[int, int]:
    numbers = [part.strip() for part in text.split(",")]
    if len(numbers) != 2 or not all(_is_count(number) for number in numbers):
        raise InvalidRequestError.at(
            "plane", f"“{asked[:80]}” has to name two whole numbers, as axes:1,3 does."
        )
    first, second = map(int, numbers)
    return first, second


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _numbers(field: str, text: str, latent_dim: int) -> Tensor:
    """Return a point (L,) in float64."""
    parts = text.split(",")
    if len(parts) != latent_dim:
        raise InvalidRequestError.at(
            field,
            f"A point has {len(parts)} coordinates; this run's latent space has {latent_dim} "
            "dimensions.",
        )
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = [math.nan]
    if not all(abs(value) <= _FARTHEST for value in values):
        raise InvalidRequestError.at(
            field, f"“{text[:80]}” has to be {latent_dim} finite numbers within ±1e6."
        )
    return torch.tensor(values, dtype=torch.float64)

"""The rows nearest to others, exactly, without looking at all of them in full."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from models.data import Dataset
from models.data_range import DataRange

_SAMPLE = 512  # rows that the directions are found on
_DIRECTIONS = 32
_CANDIDATES = 256  # looked at in full at first
_MORE = 4  # times as many, where those were too few
_QUERIES = 16  # at once: bounds the memory of their candidates
_BLOCK = 1 << 23  # values of rows at once
_SLACK = 1e-4  # of a squared length: what single precision may be off by


class NearestRows:
    """Finds the nearest of N rows by Euclidean distance.

    The rows are projected onto a few directions, in which most of the distances lies. That gives a
    lower bound of every distance, |Px - Py|^2 + (|x - Px| - |y - Py|)^2, by one small matrix
    product; only rows whose bound is below the distances found are looked at in full.
    """

    def __init__(self, x: Tensor, offset: Tensor, scale: Tensor) -> None:
        """Take ``x`` (N, D), perhaps mapped from a file; distances are in (x - offset) / scale."""
        self._x, self._offset, self._scale = x, offset, scale
        every = max(1, len(x) // _SAMPLE)
        sample = self._scaled(x[::every])
        self._mean = sample.mean(0)
        count = min(_DIRECTIONS, *sample.shape)
        self._directions = torch.linalg.svd(sample - self._mean, full_matrices=False)[2][:count].T
        rows = max(1, _BLOCK // x.shape[1])
        self._codes = torch.cat([self._coded(self._scaled(part)) for part in x.split(rows)])
        self._squares = self._codes.square().sum(1)

    def find(self, queries: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """Return places among the rows and distances, (n, count) each, the nearest first.

        ``queries`` are (n, D), in the units of the rows; of fewer than ``count`` rows all are
        returned.
        """
        count = min(count, len(self._x))
        found = [self._find(part, count) for part in self._scaled(queries).split(_QUERIES)]
        places, distances = zip(*found, strict=True)
        return torch.cat(places), torch.cat(distances)

    def _find(self, queries: Tensor, count: int) -> tuple[Tensor, Tensor]:
        codes = self._coded(queries)
        squares = codes.square().sum(1, keepdim=True)
        bounds = torch.addmm(self._squares.unsqueeze(0) + squares, codes, self._codes.T, alpha=-2.0)
        bounds -= _SLACK * (self._squares + squares)
        candidates = min(max(_CANDIDATES, count), len(self._x))
        while True:
            lowest = bounds.topk(candidates, largest=False)
            rows = self._scaled(self._x[lowest.indices.flatten()]).view(*lowest.indices.shape, -1)
            distances = torch.linalg.vector_norm(rows - queries.unsqueeze(1), dim=-1)
            nearest = distances.topk(count, largest=False)
            farthest = nearest.values[:, -1:].square()
            if candidates == len(self._x) or bool((lowest.values[:, -1:] >= farthest).all()):
                return lowest.indices.gather(1, nearest.indices), nearest.values
            candidates = min(_MORE * candidates, len(self._x))

    def _scaled(self, x: Tensor) -> Tensor:
        return (x.float() - self._offset) / self._scale

    def _coded(self, scaled: Tensor) -> Tensor:
        """Return the places along the directions, and how far the rows are from them."""
        centred = scaled - self._mean
        along = centred @ self._directions
        away = (centred.square().sum(1) - along.square().sum(1)).clamp_min(0.0).sqrt()
        return torch.cat([along, away.unsqueeze(1)], dim=1)


@lru_cache(maxsize=4)
def nearest_rows(dataset: Dataset) -> NearestRows:
    """Return the search among a data set's training rows; kept for the data sets used last.

    Distances are over pixels from 0 to 1, or over vectors standardised by the training rows.
    """
    if dataset.num_values is not None:
        return NearestRows(dataset.train.x, torch.zeros(()), torch.tensor(float(dataset.max_level)))
    data = DataRange.of(dataset)
    return NearestRows(dataset.train.x, data.offset, data.scale)

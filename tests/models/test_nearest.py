from __future__ import annotations

import pytest
import torch

from models.data import Dataset
from models.nearest import NearestRows

ZERO, ONE = torch.zeros(()), torch.ones(())


@pytest.mark.parametrize("spread", ["few directions", "all directions"])
def test_it_finds_what_a_search_through_all_rows_finds(spread: str) -> None:
    """Also where the directions say nothing, and every row has to be looked at."""
    generator = torch.Generator().manual_seed(0)
    rank = 5 if spread == "few directions" else 120
    mixing = torch.randn(rank, 120, generator=generator)
    x = torch.randn(3000, rank, generator=generator) @ mixing
    queries = torch.randn(40, rank, generator=generator) @ mixing
    distance = torch.cdist(queries.double(), x.double())
    expected = distance.topk(7, largest=False)
    places, distances = NearestRows(x, ZERO, ONE).find(queries, 7)
    assert torch.equal(places, expected.indices)
    torch.testing.assert_close(distances.double(), expected.values, rtol=1e-5, atol=1e-5)


def test_distances_are_in_the_units_asked_for(digits: Dataset) -> None:
    found = NearestRows(digits.train.x, torch.tensor(3.0), torch.tensor(16.0))
    places, distances = found.find(digits.train.x[:20], 2)
    assert torch.equal(places[:, 0], torch.arange(20))
    assert distances[:, 0].max() < 1e-6
    pixels = digits.train.x.double() / 16
    expected = torch.cdist(pixels[:20], pixels).topk(2, largest=False).values
    torch.testing.assert_close(distances.double(), expected, rtol=1e-5, atol=1e-5)


def test_of_few_rows_all_are_found() -> None:
    x = torch.tensor([[0.0, 1.0], [5.0, 5.0]])
    places, distances = NearestRows(x, ZERO, ONE).find(torch.tensor([[5.0, 4.0]]), 9)
    assert places.tolist() == [[1, 0]]
    assert distances[0].tolist() == pytest.approx([1.0, 34**0.5])

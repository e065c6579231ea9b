from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from sklearn.datasets import load_digits

from models.data import Dataset
from models.data.recutting import stratified


def test_digits_are_split_in_file_order(digits: Dataset) -> None:
    sizes = [len(digits.train), len(digits.validation), len(digits.test)]
    assert sizes == [1000, 350, 447]
    assert digits.test.index.tolist() == list(range(1350, 1797))
    source = load_digits()
    assert torch.equal(digits.test.x, torch.from_numpy(source.data[1350:]).byte())
    assert torch.equal(digits.test.label, torch.from_numpy(source.target[1350:]).long())
    assert (int(digits.train.x.min()), int(digits.train.x.max())) == (0, 16)
    assert digits.num_values == 17
    assert digits.num_features == 64


def recut(dataset: Dataset, seed: int) -> Dataset:
    return replace(dataset, rows=stratified(dataset.rows, dataset.counts, seed))


def test_the_stratified_split_keeps_sizes_and_classes_and_follows_its_seed(digits: Dataset) -> None:
    first, again, other = (recut(digits, seed) for seed in (1, 1, 2))
    assert torch.equal(first.train.index, again.train.index)
    assert not torch.equal(first.train.index, other.train.index)
    parts = [first.train, first.validation, first.test]
    assert [len(part) for part in parts] == [1000, 350, 447]
    rows = torch.cat([part.index for part in parts])
    assert torch.equal(rows.sort().values, torch.arange(1797))
    share = torch.stack([part.label.bincount(minlength=10) / len(part) for part in parts])
    assert (share - share.mean(0)).abs().max() < 0.01


@pytest.mark.parametrize("seed", [0, 1])
def test_index_names_an_image_whatever_the_split(seed: int, digits: Dataset) -> None:
    other = recut(digits, seed)
    everything = digits.in_file_order()
    assert torch.equal(everything.x[other.test.index], other.test.x)
    assert torch.equal(other.in_file_order().x, everything.x)
    assert torch.equal(other.in_file_order().label, everything.label)

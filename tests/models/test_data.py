from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

from models.data import Dataset
from models.data.builtin import breast_cancer, iris, wine
from models.data.description import describe
from models.data.recutting import stratified
from models.data.source import Source
from models.data.splitting import deal, portions
from models.data.writing import cut_tail


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


@pytest.mark.parametrize(
    ("dataset", "source"),
    [(iris(), load_iris()), (wine(), load_wine()), (breast_cancer(), load_breast_cancer())],
    ids=["iris", "wine", "breast-cancer"],
)
def test_vectors_are_those_of_scikit_learn(dataset: Dataset, source: Any) -> None:
    rows = dataset.in_file_order()
    assert torch.equal(rows.x, torch.from_numpy(source.data).float())
    assert torch.equal(rows.label, torch.from_numpy(source.target).long())
    assert len(dataset.feature_names) == dataset.num_features == source.data.shape[1]
    assert len(dataset.label_names) == len(source.target_names)
    assert (dataset.num_values, dataset.image_shape) == (None, ())
    classes = rows.label.bincount()
    for part in (dataset.train, dataset.validation, dataset.test):
        expected = classes * (len(part) / len(rows))
        assert (part.label.bincount(minlength=len(classes)) - expected).abs().max() < 2


@given(
    label=arrays.arrays(np.int64, st.integers(3, 200), elements=st.integers(0, 6)),
    shares=st.tuples(*[st.floats(0.05, 1.0)] * 3),
    seed=st.integers(0, 2**31 - 1),
)
def test_every_class_is_dealt_evenly(
    label: NDArray[np.int64], shares: tuple[float, ...], seed: int
) -> None:
    counts = portions(len(label), shares)
    dealt = deal(label, counts, seed)
    assert np.bincount(dealt, minlength=3).tolist() == list(counts)
    np.testing.assert_array_equal(dealt, deal(label, counts, seed))
    for count, share in zip(counts, shares, strict=True):
        assert abs(count - len(label) * share / sum(shares)) <= 1
    for known in np.unique(label):
        rows = label == known
        for number, count in enumerate(counts):
            expected = rows.sum() * count / len(label)
            # At most one more or less at each end of the piece of the line, and rounding.
            assert abs((dealt[rows] == number).sum() - expected) <= 2 + len(np.unique(label))


def source_of(label: NDArray[np.int64], test: int) -> Source:
    """Rows of which the last ones are the files' own test set."""
    own = np.full(len(label), -1, np.int8)
    own[len(label) - test :] = 2
    return Source(
        label=label,
        label_names=("a", "b"),
        image_shape=(1, 1),
        num_values=2,
        feature_names=(),
        blocks=lambda: iter(()),
        sample=lambda _count: (np.zeros((0, 1)), np.zeros(0, np.int64)),
        own_split=own,
    )


def test_the_end_of_a_training_file_validates_unless_it_is_sorted() -> None:
    mixed = cut_tail(source_of(np.arange(60) % 2, test=10))
    assert mixed.tolist() == [0] * 40 + [1] * 10 + [2] * 10
    ordered = np.repeat([0, 1], 30)
    dealt = cut_tail(source_of(np.concatenate([ordered, np.arange(10) % 2]), test=10))
    assert np.bincount(dealt).tolist() == [50, 10, 10]
    assert ordered[dealt[:60] == 1].sum() == 5
    few = cut_tail(source_of(np.arange(60) % 2, test=30))
    assert np.bincount(few).tolist() == [20, 10, 30]


def test_a_description_tells_what_numpy_tells(digits: Dataset) -> None:
    described = describe(digits, "builtin")
    x = digits.train.x.numpy()
    assert (described.statistics.minimum, described.statistics.maximum) == (0, 16)
    assert described.statistics.mean == pytest.approx(x.mean())
    assert described.statistics.share_at_extremes == pytest.approx(((x == 0) | (x == 16)).mean())
    assert described.class_counts == tuple(np.bincount(digits.train.label))
    flowers = describe(iris(), "builtin")
    low, high = iris().train.x.aminmax(dim=0)
    np.testing.assert_allclose(flowers.feature_ranges, np.stack([low, high], axis=1))
    assert flowers.statistics.share_at_extremes is None

"""From bytes to a data set, as an import does; the property that every reader of files has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from models.data import Dataset
from models.data.description import read_description
from models.data.errors import DataError
from models.data.identity import Identity
from models.data.importing import FileOrigin, import_dataset, look_at
from models.data.loading import load
from models.data.options import ImportOptions, Limits
from tests.fuzz.guard import guarded

_IDENTITY = Identity("some", "Some", "", "upload")
_FILES = {"dataset.json", "SHA256SUMS", "x.npy", "label.npy", "index.npy"}
_LIMITS = Limits(bytes=200_000_000, pixels=4_000_000)


def read(content: bytes, name: str, **options: Any) -> Dataset | str:
    """Return the valid data set that the bytes become, or what is wrong with them."""
    with guarded() as folder:
        path = folder / "upload"
        path.write_bytes(content)
        return read_path(path, name, folder, **options)


def read_path(path: Path, name: str, folder: Path, **options: Any) -> Dataset | str:
    """Return the valid data set that a file or folder becomes, or what is wrong with it."""
    chosen = ImportOptions.model_validate(options)
    origin = FileOrigin(path, name)
    before = set(folder.iterdir())
    target = folder / "dataset"
    target.mkdir()
    try:
        look_at(origin, chosen, _LIMITS)
        import_dataset(target, origin, chosen, _IDENTITY, _LIMITS, lambda *_: None)
    except DataError as error:
        assert {each.name for each in target.iterdir()} <= _FILES
        _check_words(str(error))
        return str(error)
    finally:
        assert set(folder.iterdir()) == before | {target}, "a file was left beside the data set"
    assert {each.name for each in target.iterdir()} == _FILES
    read_description(target)
    dataset = load(target, mapped=False)
    _check(dataset)
    return dataset


def _check_words(said: str) -> None:
    """A sentence that names the file or the rows, can be sent, and is no longer than one reads."""
    assert "“" in said or " rows " in said, said
    assert len(said) < 1500, said
    said.encode()


def _check(dataset: Dataset) -> None:
    x, rows = dataset.rows.x.numpy(), sum(dataset.counts)
    assert x.shape == (rows, dataset.num_features)
    assert min(dataset.counts) > 0
    if dataset.image_shape:
        assert dataset.num_features == np.prod(dataset.image_shape)
    else:
        assert dataset.num_features == len(dataset.feature_names)
    if dataset.num_values is None:
        assert x.dtype == np.float32
        assert np.isfinite(x).all()
    else:
        assert x.dtype == np.uint8
        assert x.max() < dataset.num_values
    label = dataset.rows.label.numpy()
    assert label.min() >= 0
    assert label.max() < max(1, len(dataset.label_names))
    np.testing.assert_array_equal(np.sort(dataset.rows.index.numpy()), np.arange(rows))
    for text in (*dataset.label_names, *dataset.feature_names, dataset.description):
        text.encode()

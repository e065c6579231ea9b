"""The catalogue of data sets: what it finds, keeps and refuses."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.datasets import Datasets
from backend.errors import DatasetNotFoundError, DatasetStateError, InvalidRequestError
from backend.settings import Settings
from backend.workspace import Workspace
from models.data import StratifiedSplit
from models.data.found import USUAL_PLACES
from models.data.identity import Identity
from models.data.importing import FileOrigin, import_dataset
from models.data.loading import load
from models.data.options import ImportOptions, Limits
from tests.backend import hostile

FASHION = Path("/usr/share/datasets/fashion-mnist")


def catalogue(folder: Path, **settings: object) -> Datasets:
    return Datasets(Settings(data_dir=folder / "data", data_path=str(folder / "path"), **settings))


def add(datasets: Datasets, folder: Path, dataset_id: str, content: bytes) -> None:
    """Put a data set into the catalogue, as an import does."""
    file, made = folder / "file", folder / "made"
    file.write_bytes(content)
    made.mkdir()
    identity = Identity(dataset_id, dataset_id, "", "upload")
    origin = FileOrigin(file, "file")
    import_dataset(made, origin, ImportOptions(), identity, Limits(), lambda *_: None)
    datasets.place(dataset_id, made)


def distribute(folder: Path, seed: int = 0) -> torch.Tensor:
    """Write IDX files as MNIST's; return all images, (50, 12)."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.random.default_rng(seed).integers(0, 256, (50, 3, 4), np.uint8)
    labels = np.arange(50) % 10
    for part, rows in (("train", slice(0, 40)), ("t10k", slice(40, 50))):
        for kind, content in (("images-idx3", images[rows]), ("labels-idx1", labels[rows])):
            packed = gzip.compress(hostile.idx(content))
            (folder / f"{part}-{kind}-ubyte.gz").write_bytes(packed)
    return torch.from_numpy(images).reshape(50, 12)


def test_idx_files_are_found_and_unpacked_once(tmp_path: Path) -> None:
    images = distribute(tmp_path / "path" / "My digits")
    datasets = catalogue(tmp_path)
    described = datasets.describe("my-digits")
    assert (described.source, described.title) == ("found", "My digits")
    assert described.counts == (30, 10, 10)
    dataset = datasets.load("my-digits")
    assert torch.equal(dataset.rows.x, images)
    assert dataset.test.index.tolist() == list(range(40, 50))
    unpacked = tmp_path / "data" / "cache" / "datasets" / "my-digits" / "x.npy"
    before = unpacked.stat().st_mtime_ns
    assert torch.equal(catalogue(tmp_path).load("my-digits").rows.x, images)
    assert unpacked.stat().st_mtime_ns == before

    # Other files are unpacked anew, and a catalogue that is open already notices.
    others = distribute(tmp_path / "path" / "My digits", seed=1)
    assert torch.equal(datasets.load("my-digits").rows.x, others)
    with pytest.raises(DatasetStateError, match="was not added but found on this computer"):
        datasets.remove("my-digits")
    # Runs may need what was unpacked when the files are gone.
    shutil.rmtree(tmp_path / "path")
    assert "my-digits" not in datasets.ids()
    assert torch.equal(datasets.load("my-digits").rows.x, others)


def test_damaged_sets_do_not_hide_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    distribute(tmp_path / "path" / "short")
    images = tmp_path / "path" / "short" / "train-images-idx3-ubyte.gz"
    images.write_bytes(images.read_bytes()[:-20])
    datasets = catalogue(tmp_path)
    add(datasets, tmp_path, "good", hostile.npy(hostile.ROWS))
    add(datasets, tmp_path, "bad", hostile.npy(hostile.ROWS))
    (tmp_path / "data" / "datasets" / "bad" / "dataset.json").write_text("{}")
    for _ in range(2):
        listed = datasets.each(lambda described: described.id)
        assert listed[:5] == ["digits", "iris", "wine", "breast-cancer", "good"]
        assert not {"bad", "short"} & set(listed)
    assert caplog.text.count("dataset.json cannot be read") == 1
    for damaged, said in (("bad", "cannot be read"), ("short", "cannot be unpacked")):
        with pytest.raises(DatasetStateError, match=said):
            datasets.describe(damaged)
    unpacked = (tmp_path / "data" / "cache" / "datasets").iterdir()
    assert not [path for path in unpacked if path.is_dir() and "short" in path.name]
    datasets.remove("bad")
    assert "bad" not in datasets.ids()


@pytest.mark.parametrize("name", ["x.npy", "label.npy", "index.npy", "dataset.json"])
def test_a_changed_byte_of_a_data_set_is_noticed(name: str, tmp_path: Path) -> None:
    add(catalogue(tmp_path), tmp_path, "rows", hostile.npy(hostile.ROWS))
    folder = tmp_path / "data" / "datasets" / "rows"
    sums = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=folder, capture_output=True)
    assert sums.returncode == 0
    assert sums.stdout.count(b": OK") == 4
    content = (folder / name).read_bytes()
    # Where it cannot be seen otherwise: in the last value, in the name.
    changed = content.replace(b'"title": "r', b'"title": "R') if name == "dataset.json" else None
    (folder / name).write_bytes(changed or content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(DatasetStateError, match=f"{name} is missing or not as it was written"):
        catalogue(tmp_path).load("rows")
    # The largest file of one that stays on the disk would take too long: “doctor” looks at that.
    mapped = catalogue(tmp_path, memory_map_megabytes=0)
    with contextlib.nullcontext() if name == "x.npy" else pytest.raises(DatasetStateError):
        mapped.load("rows")
    (folder / "SHA256SUMS").write_bytes(b"")
    with pytest.raises(DatasetStateError, match="SHA256SUMS is not whole"):
        catalogue(tmp_path).load("rows")
    # Sets from before there were checksums are read.
    (folder / "SHA256SUMS").unlink()
    assert catalogue(tmp_path).load("rows").num_features == hostile.ROWS.shape[1]


def test_large_sets_are_mapped_and_keep_their_split(tmp_path: Path) -> None:
    datasets = catalogue(tmp_path, memory_map_megabytes=0)
    add(datasets, tmp_path, "large", hostile.npy(hostile.IMAGES))
    assert datasets.is_mapped(datasets.describe("large"))
    assert not datasets.is_mapped(datasets.describe("digits"))
    expected = torch.from_numpy(hostile.IMAGES).reshape(20, -1)
    assert torch.equal(datasets.load("large").in_file_order().x, expected)
    with pytest.raises(InvalidRequestError, match=r"^split: “large” takes 0 million bytes"):
        datasets.load("large", StratifiedSplit(seed=1))
    small = catalogue(tmp_path)
    again = small.load("large", StratifiedSplit(seed=1))
    assert again.counts == small.load("large").counts
    assert not torch.equal(again.rows.index, small.load("large").rows.index)
    assert torch.equal(again.in_file_order().x, small.load("large").in_file_order().x)


def test_another_set_of_the_same_id_is_loaded_anew(tmp_path: Path) -> None:
    datasets = catalogue(tmp_path)
    for factor in (1, 2):
        add(datasets, tmp_path, "rows", hostile.npy(hostile.ROWS * factor))
        assert datasets.load("rows").rows.x.max() == 79 * factor
        assert datasets.describe("rows").statistics.maximum == 79 * factor
        datasets.remove("rows")
    for unknown in ("rows", "..", "../data", ""):
        with pytest.raises(DatasetNotFoundError, match="There is no data set"):
            datasets.load(unknown)


def test_what_dead_processes_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "data" / "datasets" / ".gone-1").mkdir(parents=True)
    catalogue(tmp_path).tidy()
    assert list((tmp_path / "data" / "datasets").iterdir()) == []
    root = tmp_path / "data" / "incoming"
    (root / "abandoned").mkdir(parents=True)
    alive = Workspace(tmp_path / "data")
    alive.make("dataset")
    other = Workspace(tmp_path / "data")
    assert {path for path in root.iterdir() if path.is_dir()} == {alive.folder, other.folder}
    assert (alive.folder / "dataset").is_dir()
    alive.close()
    other.close()
    assert [path.name for path in root.iterdir()] == ["sweep.lock"]


def test_fashion_mnist_is_there_by_itself(tmp_path: Path) -> None:
    if not FASHION.is_dir():
        message = "Debian's package dataset-fashion-mnist is not installed"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    assert FASHION.parent in USUAL_PLACES
    datasets = catalogue(tmp_path)
    described = datasets.describe("fashion-mnist")
    assert (described.title, described.counts) == ("Fashion-MNIST", (50_000, 10_000, 10_000))
    assert described.label_names[:2] == ("T-shirt/top", "Trouser")
    assert described.label_names[9] == "Ankle boot"
    assert described.statistics.share_at_extremes == pytest.approx(0.51, abs=0.01)
    dataset = datasets.load("fashion-mnist")
    assert dataset.image_shape == (28, 28)
    with gzip.open(FASHION / "t10k-images-idx3-ubyte.gz") as file:
        file.read(16)
        first = np.frombuffer(file.read(784), np.uint8)
    np.testing.assert_array_equal(dataset.test.x[0], first)
    assert dataset.rows.label.bincount().tolist() == [7000] * 10
    mapped = load(tmp_path / "data" / "cache" / "datasets" / "fashion-mnist", mapped=True)
    assert torch.equal(mapped.validation.x, dataset.validation.x)
    assert datasets.proposal("fashion-mnist").likelihood.kind == "bernoulli"

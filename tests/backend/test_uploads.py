"""From a file to a data set, through the real client against a real server."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest

from backend.client import PriorscopeClient, ProblemError
from backend.dataset_schemas import CreateDataset, Import, OpenmlChoice, Upload
from backend.datasets import Datasets
from backend.import_records import ImportRecords
from backend.server_schemas import Problem
from backend.settings import Settings
from models.data.options import ImportOptions
from models.data.splitting import SplitShares
from tests.backend import hostile
from tests.processes import alive

if TYPE_CHECKING:
    from tests.conftest import ServerProcess

Until = Callable[[Callable[[], object]], None]
Serve = Callable[..., "ServerProcess"]

BINARY = {"Content-Type": "application/octet-stream"}
SLOW = 1000  # pictures that take a while


def ended(client: PriorscopeClient, started: Import) -> Import:
    while started.status == "running":
        time.sleep(0.02)
        started = client.show_import(started.id)
    return started


def attempt(client: PriorscopeClient, path: Path, **options: Any) -> Import:
    """Make a data set of a file; a file that is refused at once has failed, too."""
    refused = Import(
        id="", title="", status="failed", message="", done=0, total=None, dataset=None, error=None
    )
    try:
        upload = client.create_upload(path)
    except ProblemError as error:
        return refused.model_copy(update={"error": error.problem.detail})
    made = ended(client, client.create_dataset(CreateDataset(upload=upload.id, **options)))
    if made.status == "failed":
        client.delete_upload(upload.id)
    return made


def left_behind(server: ServerProcess) -> list[str]:
    """What lies in the folders of things in the making and of data sets."""
    folders = (server.data_dir / "incoming", server.data_dir / "datasets")
    # Folders may vanish while they are looked through, which rglob does not bear.
    walked = [found for folder in folders for found in os.walk(folder)]
    names = [name for _, inner, files in walked for name in (*inner, *files)]
    return sorted(name for name in names if not name.endswith(".lock") and len(name) != 12)


@pytest.fixture
def sent(client: PriorscopeClient, tmp_path: Path) -> Iterator[Callable[[str, bytes], Upload]]:
    """Upload a file; it is removed when the test ends, unless it became a data set."""
    ids: list[str] = []

    def send(name: str, content: bytes) -> Upload:
        path = tmp_path / "sent"
        path.write_bytes(content)
        upload = client.create_upload(path, name)
        ids.append(upload.id)
        return upload

    yield send
    for upload_id in ids:
        with contextlib.suppress(ProblemError):
            client.delete_upload(upload_id)


@pytest.fixture
def added(client: PriorscopeClient, sent: Callable[..., Upload]) -> Iterator[Callable[..., str]]:
    """Add a data set; it is removed when the test ends."""
    ids: list[str] = []

    def add(name: str, content: bytes, **options: Any) -> str:
        asked = CreateDataset(upload=sent(name, content).id, **options)
        made = ended(client, client.create_dataset(asked))
        assert made.status == "finished", made.error
        assert made.dataset is not None
        ids.append(made.dataset)
        return made.dataset

    yield add
    for dataset_id in ids:
        client.delete_dataset(dataset_id)


@pytest.mark.parametrize("what", hostile.HOSTILE)
def test_a_hostile_file_is_refused_in_words(
    what: str, client: PriorscopeClient, server: ServerProcess, tmp_path: Path
) -> None:
    known = [dataset.id for dataset in client.datasets()]
    failed = attempt(client, hostile.write(tmp_path, what))
    assert failed.status == "failed"
    assert failed.error is not None
    assert hostile.HOSTILE[what][2] in failed.error
    assert failed.error.endswith(".")
    assert [dataset.id for dataset in client.datasets()] == known
    assert left_behind(server) == ["uploads"]


def test_from_a_file_to_a_run(
    client: PriorscopeClient, sent: Callable[..., Upload], added: Callable[..., str]
) -> None:
    """Colour pictures: preview, data set, rows; not removed while a run needs them."""
    x = np.random.default_rng(0).integers(0, 256, (40, 4, 6, 3), np.uint8)
    content = hostile.npz(x=x, y=np.array(["<b>a</b>", "ß"] * 20))
    name = "Größe <b>.npz"
    upload = sent(name, content)
    assert (upload.filename, upload.bytes, upload.format) == (name, len(content), "arrays")
    split = SplitShares(train=0.5, validation=0.25, test=0.25)
    preview = client.preview_upload(upload.id, ImportOptions(split=split))
    assert (preview.id, preview.title) == ("gr-e-b", "Größe <b>")
    assert preview.counts.model_dump() == {"train": 20, "validation": 10, "test": 10, "total": 40}
    assert preview.label_names == ["<b>a</b>", "ß"]
    assert preview.class_counts == [20, 20]
    assert preview.sample.images is not None
    np.testing.assert_array_equal(preview.sample.images, x[preview.sample.index])

    dataset = client.dataset(added(name, content, split=split))
    for field in ("id", "title", "description", "image_shape", "label_names", "counts", "bytes"):
        assert getattr(dataset, field) == getattr(preview, field)
    assert dataset.proposal == preview.proposal
    assert set(dataset.misfits.likelihood) == {"gaussian"}
    assert (dataset.kind, dataset.source, dataset.removable) == ("images", "upload", True)
    assert dataset.class_counts == [10, 10]
    assert dataset.proposal.likelihood.kind == "discretized_logistic"
    rows = client.dataset_images(dataset.id)
    np.testing.assert_array_equal(rows.images, x)
    np.testing.assert_array_equal(rows.index, np.arange(40))
    test = client.dataset_images(dataset.id, split="test")
    np.testing.assert_array_equal(test.images, x[test.index])

    run = client.create_run({"dataset": dataset.id, "prior": {"kind": "standard"}}, "Needs it")
    client.cancel_run(run.id)
    list(client.events(run.id))
    with pytest.raises(ProblemError, match=r"is used by 1 run: “Needs it”\. Delete") as refused:
        client.delete_dataset(dataset.id)
    assert refused.value.status == 409
    client.delete_run(run.id)


def test_vectors_come_in_their_own_units(
    client: PriorscopeClient, added: Callable[..., str]
) -> None:
    dataset = client.dataset(added("t.csv", hostile.csv(rows=40)))
    assert (dataset.kind, dataset.num_values, dataset.image_shape) == ("vectors", None, [])
    assert dataset.feature_names == ["age", "height"]
    assert dataset.label_names == ["no", "yes"]
    rows = client.dataset_images(dataset.id, index=[3, 1])
    assert rows.images is None
    np.testing.assert_array_equal(rows.values, [[3, 1.5], [1, 0.5]])
    np.testing.assert_array_equal(rows.label, [1, 1])
    unlabelled = client.dataset(added("u.csv", b"a,b\n" + b"1,2.5\n" * 20, label_column=None))
    assert (unlabelled.label_names, unlabelled.class_counts) == ([], [])
    assert "“a”, “b”" in unlabelled.notes[0]


def test_ids_are_taken_once(
    client: PriorscopeClient, sent: Callable[..., Upload], added: Callable[..., str]
) -> None:
    content = hostile.npy(hostile.ROWS)
    assert added("digits.npy", content) == "digits-2"
    assert added("digits.npy", content) == "digits-3"
    upload = sent("x.npy", content)
    for taken in ("digits", "digits-2"):
        with pytest.raises(ProblemError, match=f"There is a data set “{taken}” already"):
            client.create_dataset(CreateDataset(upload=upload.id, id=taken))


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "upload", "Give one of them"),
        ({"upload": "none", "openml": {"name": "a"}}, "upload", "Give one of them"),
        ({"openml": {"name": "../a"}}, "openml.name", "pattern"),
        ({"upload": "none", "id": "Not me"}, "id", "begins with a letter"),
        ({"upload": "none", "id": "../x"}, "id", "begins with a letter"),
        ({"upload": "none", "image_size": [0, 3]}, "image_size.0", "greater"),
        ({"upload": "none", "split": {"train": 0.9}}, "split", "add up to 1, not 1.2"),
        ({"upload": "none", "colour": True}, "colour", "no such field"),
    ],
)
def test_a_bad_request_is_refused(
    client: PriorscopeClient, body: dict[str, Any], field: str, message: str
) -> None:
    response = client.http.post("/api/datasets", json=body)
    assert response.status_code == 422
    error, *_ = Problem.model_validate_json(response.content).errors or []
    assert error.field == field
    assert message in error.message


def test_what_is_not_there_is_said(client: PriorscopeClient) -> None:
    for call in (
        lambda: client.preview_upload("none"),
        lambda: client.delete_upload("none"),
        lambda: client.create_dataset(CreateDataset(upload="none")),
        lambda: client.show_import("none"),
        lambda: client.cancel_import("none"),
        lambda: client.delete_dataset("none"),
        lambda: client.delete_dataset("..%2f.."),
    ):
        with pytest.raises(ProblemError) as refused:
            call()
        assert refused.value.status == 404
    for given in ("digits", "iris"):
        with pytest.raises(ProblemError, match="comes with Priorscope: it cannot be removed") as no:
            client.delete_dataset(given)
        assert no.value.status == 409


def test_options_that_do_not_suit_the_file_are_named(
    client: PriorscopeClient, sent: Callable[..., Upload]
) -> None:
    table, array = sent("t.csv", hostile.csv()), sent("x.npy", hostile.npy(hostile.ROWS))
    for upload, options, said in (
        (table, {"label_column": "b"}, "has no column “b”. It has “age”, “height”, “label”"),
        (table, {"image_size": (2, 2)}, "A row of “t.csv” holds 2 numbers"),
        (array, {"label_column": "b"}, "“x.npy” is no table"),
        (table, {"split": SplitShares(train=0.98, validation=0.01, test=0.01)}, "may be 0"),
    ):
        with pytest.raises(ProblemError, match=re.escape(said)) as refused:
            client.preview_upload(upload.id, ImportOptions.model_validate(options))
        assert refused.value.status == 422


def test_without_the_internet_openml_is_said_to_be_away(client: PriorscopeClient) -> None:
    asked = CreateDataset(openml=OpenmlChoice(name="mnist_784", version=1))
    failed = ended(client, client.create_dataset(asked))
    if failed.status == "finished":
        pytest.skip("openml.org can be reached from here")
    assert failed.error is not None
    assert "“mnist_784”, version 1 cannot be fetched: openml.org cannot be reached" in failed.error


def test_uploads_have_a_limit_of_their_own(serve: Serve, tmp_path: Path) -> None:
    settings = {"max_body_megabytes": 1, "max_upload_megabytes": 3, "max_points": 30}
    server = serve(tmp_path / "data", memory_map_megabytes=0, workers=1, **settings)
    client = server.client
    rows = np.arange(250_000 * 2, dtype=np.float32).reshape(-1, 2)
    large, larger = tmp_path / "l.npy", tmp_path / "m.npy"
    large.write_bytes(hostile.npy(rows))
    larger.write_bytes(hostile.npy(np.tile(rows, 2)))
    with pytest.raises(ProblemError, match=r"over the limit of 3 million bytes .*UPL") as refused:
        client.create_upload(larger)
    assert refused.value.status == 413
    # As a stream, whose size nobody knows beforehand.
    pieces = iter([b"0" * 1_000_000] * 4)
    response = client.http.post(
        "/api/uploads", params={"filename": "s"}, content=pieces, headers=BINARY
    )
    assert response.status_code == 413
    assert left_behind(server) == ["uploads"]

    assert attempt(client, large).dataset == "l"
    dataset = client.dataset("l")
    assert (dataset.memory_mapped, dataset.bytes) == (True, 2_000_000)
    some = client.dataset_images("l", split="all", index=[249_999, 0])
    np.testing.assert_array_equal(some.values, rows[[249_999, 0]])
    with pytest.raises(ProblemError, match=r"250000 rows are over the limit of 30 .*MAX_POINTS"):
        client.dataset_images("l")
    with pytest.raises(ProblemError, match="l” takes 2 million bytes and stays on the disk") as cut:
        client.create_run(
            {"dataset": "l", "prior": {"kind": "standard"}, "split": {"kind": "stratified"}}
        )
    assert cut.value.status == 422
    server.stop()


@pytest.fixture(scope="module")
def slow_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip file of pictures that takes a while to import."""
    path = tmp_path_factory.mktemp("slow") / "slow.zip"
    picture = hostile.png(1200, 1200)
    path.write_bytes(hostile.zipped({f"{number}.png": picture for number in range(SLOW)}))
    return path


def begin(client: PriorscopeClient, path: Path, until: Until) -> Import:
    """Start an import and wait until rows are written."""
    upload = client.create_upload(path)
    started = client.create_dataset(CreateDataset(upload=upload.id, image_size=(32, 32)))
    until(lambda: client.show_import(started.id).done > 0)
    with pytest.raises(ProblemError, match="is being imported"):
        client.delete_upload(upload.id)
    return client.show_import(started.id)


def test_a_cancelled_import_leaves_nothing(
    client: PriorscopeClient, server: ServerProcess, slow_file: Path, until: Until
) -> None:
    started = begin(client, slow_file, until)
    assert (started.status, started.total) == ("running", SLOW)
    assert client.cancel_import(started.id).status == "cancelled"
    with pytest.raises(ProblemError, match="it is cancelled") as refused:
        client.cancel_import(started.id)
    assert refused.value.status == 409
    (upload,) = (server.data_dir / "incoming").glob("*/uploads/*")
    client.delete_upload(upload.name)
    until(lambda: left_behind(server) == ["uploads"])
    assert client.show_import(started.id).dataset is None


def test_a_killed_server_leaves_nothing_half_imported(
    serve: Serve, slow_file: Path, tmp_path: Path, until: Until
) -> None:
    server = serve(tmp_path / "data", workers=1)
    killed = begin(server.client, slow_file, until)
    processes = server.processes()
    server.stop(signal.SIGKILL)
    until(lambda: not any(map(alive, processes)))
    assert "x.npy" in left_behind(server)
    server = serve(tmp_path / "data", workers=1)
    # It tidies up once it has started, which is after it listens.
    until(lambda: left_behind(server) == ["uploads"])
    assert "slow" not in [dataset.id for dataset in server.client.datasets()]
    # Whoever asks is told what became of it, and of one that an orderly stop ended.
    (failed,) = server.client.imports()
    assert failed == server.client.show_import(killed.id)
    assert (failed.id, failed.status, failed.dataset) == (killed.id, "failed", None)
    assert failed.error == (
        "“slow” was not added: the server ended in the middle of the import. Nothing of it stays; "
        "add the data again."
    )
    with pytest.raises(ProblemError, match="it is failed"):
        server.client.cancel_import(killed.id)
    upload = server.client.create_upload(slow_file)
    stopped = server.client.create_dataset(CreateDataset(upload=upload.id))
    server.stop()
    assert left_behind(server) == []
    records = ImportRecords(tmp_path / "data", Datasets(Settings(data_dir=tmp_path / "data")))
    assert [record.id for record in records.all()] == [stopped.id, killed.id]
    assert "the server was stopped before the import was done" in (records.all()[0].error or "")


def test_imports_are_remembered(tmp_path: Path) -> None:
    """Those that were told of: the last two hundred; one is finished whose data set is there."""
    datasets = Datasets(Settings(data_dir=tmp_path))
    records = ImportRecords(tmp_path, datasets)
    running = Import(
        id="", title="T", status="running", message="", done=0, total=None, dataset=None, error=None
    )
    for number in range(203):
        target = "digits" if number == 202 else "nothing"
        records.save(running.model_copy(update={"id": f"{number}"}), target)
    (tmp_path / "imports" / "0.json").write_text("{")
    again = ImportRecords(tmp_path, datasets).all()
    assert [record.id for record in again] == [f"{number}" for number in range(202, 2, -1)]
    assert (again[0].status, again[0].dataset) == ("finished", "digits")
    assert {record.status for record in again[1:]} == {"failed"}
    assert again == ImportRecords(tmp_path, datasets).all()


def test_who_hangs_up_in_the_middle_leaves_nothing(
    client: PriorscopeClient, server: ServerProcess, until: Until
) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"0" * 100_000
        raise ConnectionAbortedError

    with httpx.Client(base_url=server.url) as other, pytest.raises(ConnectionAbortedError):
        other.post("/api/uploads", params={"filename": "a"}, content=pieces(), headers=BINARY)
    until(lambda: left_behind(server) == ["uploads"])

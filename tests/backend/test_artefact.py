"""Files of tensors notice every change, and stay readable in words."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file

from backend.artefact import read_artefact, write_artefact
from backend.checkpoints import Checkpoints
from backend.client import PriorscopeClient, ProblemError
from backend.errors import DamagedArtefactError
from backend.settings import Settings
from backend.storage import RunStore
from models.config import RunConfig
from tests.backend.conftest import brief
from tests.conftest import ServerProcess

TENSORS = {
    "weight": torch.arange(6.0).reshape(2, 3),
    "count": torch.tensor(7),
    "empty": torch.empty(0, 2),
    "half": torch.ones(3, dtype=torch.bfloat16),
}
# The shape of a checksum, in words of others.
METADATA = {"checkpoint": "3", "note": "0" * 64, "quoted": '"sha256":"' + "0" * 64 + '"'}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("artefact") / "deep" / "x.safetensors"
    write_artefact(path, TENSORS, METADATA)
    return path


def test_what_was_written_is_read(written: Path) -> None:
    for _ in range(5):  # the order of the metadata in the file is not fixed
        write_artefact(written, TENSORS, METADATA)
        tensors, metadata = read_artefact(written)
        assert metadata == METADATA
        assert tensors.keys() == TENSORS.keys()
        for name, tensor in TENSORS.items():
            assert torch.equal(tensors[name], tensor)
            assert tensors[name].dtype == tensor.dtype


def test_it_is_a_safetensors_file_whose_checksum_anyone_can_work_out(written: Path) -> None:
    with safe_open(written, framework="pt") as file:
        checksum = file.metadata()["sha256"]
    content = written.read_bytes()
    blank = content.replace(checksum.encode(), b"0" * 64)
    assert hashlib.sha256(blank).hexdigest() == checksum


def test_no_changed_byte_goes_unnoticed(written: Path, tmp_path: Path) -> None:
    content = written.read_bytes()
    path = tmp_path / "changed.safetensors"
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        with pytest.raises(DamagedArtefactError, match="priorscope doctor"):
            read_artefact(path)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_neither_does_a_cut_or_an_overwritten_stretch(
    written: Path, tmp_path: Path, data: st.DataObject
) -> None:
    content = written.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    changed = content[:start] + data.draw(st.binary(max_size=40)) + content[end:]
    path = tmp_path / "changed.safetensors"
    path.write_bytes(changed)
    if changed == content:
        assert read_artefact(path)[1] == METADATA
    else:
        with pytest.raises(DamagedArtefactError):
            read_artefact(path)


@pytest.mark.parametrize("metadata", [None, {"checkpoint": "2"}])
def test_files_from_before_the_checksums_are_read(
    metadata: dict[str, str] | None, tmp_path: Path
) -> None:
    save_file(TENSORS, tmp_path / "old.safetensors", metadata)
    tensors, found = read_artefact(tmp_path / "old.safetensors")
    assert found == (metadata or {})
    assert torch.equal(tensors["weight"], TENSORS["weight"])


def test_what_is_not_there_is_not_damaged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_artefact(tmp_path / "none.safetensors")
    with pytest.raises(DamagedArtefactError, match="cannot be read"):
        read_artefact(tmp_path)
    with pytest.raises(ValueError, match="name of the checksum"):
        write_artefact(tmp_path / "x.safetensors", {}, {"sha256": ""})


def test_weights_that_do_not_say_which_they_are_are_damaged(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save("run", 3, {"weight": torch.ones(3)})
    assert checkpoints.number("run") == 3
    for metadata in ({}, {"checkpoint": "many"}):
        write_artefact(tmp_path / "run" / "weights.safetensors", {"w": torch.ones(3)}, metadata)
        with pytest.raises(DamagedArtefactError, match="does not say which checkpoint"):
            checkpoints.load("run")
        assert checkpoints.number("run") == 0


def test_the_page_is_told_of_what_does_not_belong_to_the_run(
    client: PriorscopeClient, server: ServerProcess
) -> None:
    """Whole files: weights of another network, a copy of a snapshot, and none so early."""
    store = RunStore(Settings(data_dir=server.data_dir))
    run = store.create(RunConfig.model_validate(brief()))
    store.save_weights(run.id, {"weight": torch.ones(3)})
    store.record(run.id, [], None, {5: {"loc": torch.ones(3)}})
    store.finish(run.id, "finished")
    store.close()
    snapshot = server.data_dir / "runs" / run.id / "snapshots" / "5.safetensors"
    shutil.copy(snapshot, snapshot.with_name("5 (copy).safetensors"))
    with pytest.raises(ProblemError, match="another network") as refused:
        client.decode(run.id, [[0.0, 0.0]])
    assert refused.value.status == 409
    assert client.snapshots(run.id) == [5]
    with pytest.raises(ProblemError, match="that of epoch 5") as refused:
        client.points(run.id, epoch=0)
    assert refused.value.status == 422
    client.delete_run(run.id)


def test_the_page_is_told_what_to_do(client: PriorscopeClient, server: ServerProcess) -> None:
    """Weights and a snapshot that the disk has changed; the server has not read them before."""
    store = RunStore(Settings(data_dir=server.data_dir))
    run = store.create(RunConfig.model_validate(brief()))
    store.save_weights(run.id, {"weight": torch.ones(3)})
    store.record(run.id, [], None, {0: {"loc": torch.ones(3)}})
    store.finish(run.id, "finished")
    store.close()
    for file in (server.data_dir / "runs" / run.id).rglob("*.safetensors"):
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
    for ask in (
        lambda: client.decode(run.id, [[0.0, 0.0]]),
        lambda: client.points(run.id),
        lambda: client.points(run.id, epoch=0),
    ):
        with pytest.raises(ProblemError, match="is damaged: its checksum does not fit") as refused:
            ask()
        assert refused.value.status == 409
        assert refused.value.problem.type == "urn:priorscope:problem:damaged-artefact"
        assert "priorscope doctor" in refused.value.problem.detail
    client.delete_run(run.id)

"""Files in the data folder that are not as they were written: tensors and data sets."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from backend.artefact import read_artefact, write_artefact
from backend.checkpoints import Checkpoints
from backend.errors import DamagedArtefactError
from backend.training_states import TrainingStates
from models.data.errors import DataError
from models.data.identity import Identity
from models.data.importing import FileOrigin, import_dataset
from models.data.loading import load
from models.data.options import ImportOptions, Limits
from tests.backend.hostile import LABELS, ROWS, npz
from tests.fuzz.guard import fuzzing, guarded
from tests.fuzz.mutation import changed, hostile

TENSORS = {"weight": torch.arange(6.0).reshape(2, 3), "step": torch.tensor(7)}


def _artefact(metadata: dict[str, str]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.safetensors"
        write_artefact(path, TENSORS, metadata)
        return path.read_bytes()


ARTEFACTS = [_artefact({"checkpoint": "3"}), _artefact({"step": "7"})]


@fuzzing
@given(content=hostile(*ARTEFACTS, magic=b"\x10\0\0\0\0\0\0\0{"))
def test_artefact(content: bytes) -> None:
    with guarded() as folder:
        path = folder / "run" / "weights.safetensors"
        path.parent.mkdir()
        path.write_bytes(content)
        path.with_name("training.safetensors").write_bytes(content)
        readers = (
            lambda: read_artefact(path)[0],
            lambda: Checkpoints(folder).load("run")[1],
            lambda: TrainingStates(folder).load("run"),
        )
        for read in readers:
            try:
                tensors = read()
            except DamagedArtefactError as error:
                said = str(error)
            else:
                said = str(path)
                # Without a checksum, a file from before there were any may say something else.
                if b"sha256" in content:
                    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)
            assert str(path.parent) in said
        TrainingStates(folder).step("run")
        try:
            Checkpoints(folder).number("run")
        except DamagedArtefactError as error:
            said = str(error)
        assert str(path.parent) in said


@cache
def _dataset() -> dict[str, bytes]:
    with TemporaryDirectory() as folder:
        path, target = Path(folder) / "x.npz", Path(folder) / "set"
        path.write_bytes(npz(x=ROWS, y=LABELS))
        target.mkdir()
        identity = Identity("some", "Some", "", "upload")
        origin = FileOrigin(path, "x.npz")
        import_dataset(target, origin, ImportOptions(), identity, Limits(), lambda *_: None)
        return {file.name: file.read_bytes() for file in target.iterdir()}


@fuzzing
@given(
    damage=st.dictionaries(
        st.sampled_from(["x.npy", "label.npy", "index.npy", "dataset.json", "SHA256SUMS"]),
        st.none()
        | st.binary(max_size=100)
        | st.lists(
            st.tuples(
                st.sampled_from(["flip", "overwrite", "insert", "remove", "cut"]),
                st.integers(0, 900),
                st.integers(1, 50),
                st.binary(min_size=1, max_size=8),
            ),
            min_size=1,
            max_size=3,
        ),
        min_size=1,
        max_size=2,
    ),
    mapped=st.booleans(),
)
def test_stored_dataset(damage: dict[str, object], mapped: bool) -> None:
    with guarded() as folder:
        for name, content in _dataset().items():
            how = damage.get(name, [])
            if isinstance(how, list):
                (folder / name).write_bytes(changed(content, how))
            elif isinstance(how, bytes):
                (folder / name).write_bytes(how)
        try:
            dataset = load(folder, mapped)
        except DataError as error:
            said = str(error)
        else:
            said = str(folder)
            # What is mapped is not read before it is used; sets from before there was a list of
            # checksums are taken as they are.
            if not mapped and (folder / "SHA256SUMS").exists():
                np.testing.assert_array_equal(dataset.in_file_order().x, ROWS)
        assert str(folder) in said

"""Backups that somebody else made, restored."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from backend.archive import DATABASE, MANIFEST
from backend.backing_up import back_up
from backend.errors import PriorscopeError
from backend.restoring import restore
from backend.settings import Settings
from backend.storage import RunStore
from models.config import RunConfig
from models.priors import PRIORS
from tests.fuzz.guard import fuzzing, guarded
from tests.fuzz.mutation import hostile, mutated


def _backup() -> bytes:
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "data")
        store = RunStore(settings)
        prior = PRIORS["standard"].options()
        store.create(RunConfig(prior=prior), "one", None)
        store.close()
        back_up(settings, Path(folder) / "backup.zip")
        return (Path(folder) / "backup.zip").read_bytes()


BACKUP = _backup()
with zipfile.ZipFile(io.BytesIO(BACKUP)) as _archive:
    DATABASE_BYTES = _archive.read(DATABASE)
    LISTED = json.loads(_archive.read(MANIFEST))


def _restored(content: bytes) -> None:
    with guarded() as folder:
        file, target = folder / "backup.zip", folder / "data"
        file.write_bytes(content)
        try:
            manifest = restore(file, target)
        except PriorscopeError as error:
            said = str(error)
            assert not target.exists()
        else:
            said = "It was restored."
            there = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()}
            assert there == {entry.path for entry in manifest.files}
        assert {path.name for path in folder.iterdir()} <= {"backup.zip", "data"}
    assert 10 < len(said) < 1000
    assert "cannot be written to" not in said
    said.encode()


@fuzzing
@given(content=hostile(BACKUP, magic=b"PK\x03\x04"))
def test_damaged_backup(content: bytes) -> None:
    _restored(content)


names = st.sampled_from(
    [
        *("runs/a/weights.safetensors", "runs/a/snapshots/1.safetensors", "datasets/a/x.npy"),
        *("../x", "/x", "runs/../x.safetensors", "runs/a/weights.safetensors/", "", "datasets/a/b"),
        *("runs\\a\\x.safetensors", "priorscope.db", MANIFEST, "datasets/a/b/c.npy", "runs/a"),
    ]
)


def _made(members: dict[str, bytes], database: bytes, listed: Any, says: dict[str, Any]) -> bytes:
    """A backup whose list fits what is in it, but for what it ``says`` otherwise."""
    members = {DATABASE: database} | members
    entries = [
        {"path": k, "bytes": len(v), "sha256": hashlib.sha256(v).hexdigest()}
        for k, v in members.items()
        if k != MANIFEST
    ]
    if entries and listed is not None:
        entries[-1] |= listed
    manifest = json.dumps(LISTED | {"files": entries} | says).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in ({MANIFEST: manifest} | members).items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


said_of_a_file = st.none() | st.dictionaries(
    st.sampled_from(["bytes", "sha256", "path"]),
    st.sampled_from([0, -1, 2**63, 10**400, "x", None, "../../x", "0" * 64]),
    max_size=2,
)
said = st.dictionaries(
    st.sampled_from(["runs", "version", "files", "made_at", "priorscope"]),
    st.sampled_from([0, -1, 10**400, None, "x", [], {}, [[[]]]]),
    max_size=1,
)


@fuzzing
@given(
    members=st.dictionaries(names, st.binary(max_size=50), max_size=3),
    database=st.just(DATABASE_BYTES) | mutated(DATABASE_BYTES) | st.binary(max_size=100),
    listed=said_of_a_file,
    says=said,
)
@example(members={"": b""}, database=DATABASE_BYTES, listed=None, says={})
@example(members={}, database=DATABASE_BYTES, listed={"bytes": 10**400}, says={})
def test_hostile_backup(
    members: dict[str, bytes], database: bytes, listed: Any, says: dict[str, Any]
) -> None:
    _restored(_made(members, database, listed, says))

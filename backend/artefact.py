"""Files of tensors that know whether they are whole: safetensors with a checksum inside.

The header's metadata holds the SHA-256 of the file as it is with 64 zeros in the checksum's place.
So one file holds both, and is replaced in one step.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from backend.durable_file import replace_file
from backend.errors import DamagedArtefactError

_CHECKSUM = "sha256"
_BLANK = "0" * 64
_LENGTH = 8  # bytes that say how long the header is
_LONGEST_HEADER = 100_000_000  # that safetensors itself would read
_BEFORE = frozenset({"checkpoint"})  # all that files from before the checksums have as metadata


def write_artefact(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write tensors and words about them; on return they survive a power cut.

    Raises:
        ValueError: the metadata use the checksum's name.
    """
    if _CHECKSUM in metadata:
        raise ValueError(f"{_CHECKSUM!r} is the name of the checksum.")
    stored = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    content = save(stored, metadata={**metadata, _CHECKSUM: _BLANK})
    start = content.index(f'"{_CHECKSUM}":"{_BLANK}"'.encode()) + len(f'"{_CHECKSUM}":"')
    checksum = hashlib.sha256(content).hexdigest().encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, content[:start] + checksum + content[start + len(checksum) :])


def read_artefact(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return tensors and metadata, of which nothing has changed since they were written.

    Files from before there were checksums are taken as they are.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedArtefactError: it is damaged, or the disk does not give it back.
    """
    content = _content(path)
    metadata = _verified(path, content)
    try:
        return load(content), metadata
    except (SafetensorError, ValueError, RuntimeError) as error:
        raise _damaged(path, "it is not whole") from error


def read_whole(path: Path) -> bytes:
    """Return the file as it is, of which nothing has changed since it was written.

    Raises:
        FileNotFoundError, DamagedArtefactError: as ``read_artefact``.
    """
    content = _content(path)
    _verified(path, content)
    return content


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _damaged(path, f"it cannot be read ({error.strerror})") from error


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata alone, from the head of the file, whose tensors are not verified.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedArtefactError: its head is damaged.
    """
    try:
        with path.open("rb") as file:
            length = file.read(_LENGTH)
            content = length + file.read(min(int.from_bytes(length, "little"), _LONGEST_HEADER))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _damaged(path, f"it cannot be read ({error.strerror})") from error
    _, metadata = _header(path, content)
    metadata.pop(_CHECKSUM, None)
    return metadata


def number_in(path: Path, metadata: Mapping[str, str], name: str) -> int:
    """Return a number that the metadata of a file hold.

    Raises:
        DamagedArtefactError: they do not hold it, so that this is another file.
    """
    try:
        return int(metadata[name])
    except (KeyError, ValueError) as error:
        raise _damaged(path, f"it does not say which {name} it is of") from error


def _verified(path: Path, content: bytes) -> dict[str, str]:
    """Return the metadata without the checksum, which has to be right."""
    start, metadata = _header(path, content)
    if _CHECKSUM not in metadata:
        # Anything else there means that the checksum's name itself is damaged.
        if metadata.keys() <= _BEFORE:
            return metadata
        raise _damaged(path, "its checksum is missing")
    checksum = metadata.pop(_CHECKSUM)
    place = content.find(f'"{checksum}"'.encode(), 0, start) + 1
    digest = hashlib.sha256(content[:place])
    digest.update(_BLANK.encode())
    digest.update(memoryview(content)[place + len(_BLANK) :])
    if digest.hexdigest() != checksum:
        raise _damaged(path, "its checksum does not fit")
    return metadata


def _header(path: Path, content: bytes) -> tuple[int, dict[str, str]]:
    """Return where the header ends, and the metadata in it."""
    try:
        (length,) = struct.unpack_from("<Q", content)
        end = _LENGTH + length
        if end > len(content):
            raise _damaged(path, "it is not whole")
        metadata = json.loads(content[_LENGTH:end]).get("__metadata__", {})
        if not all(isinstance(value, str) for value in metadata.values()):
            raise _damaged(path, "its header cannot be read")
    except (struct.error, ValueError, AttributeError, RecursionError) as error:
        raise _damaged(path, "its header cannot be read") from error
    return end, metadata


def _damaged(path: Path, how: str) -> DamagedArtefactError:
    """Return the error that says how a file is damaged, and what to do."""
    return DamagedArtefactError(
        f"The file {path} is damaged: {how}. “priorscope doctor” lists what else is, and "
        "“priorscope doctor --repair” puts such files aside; “priorscope restore” brings back a "
        "backup.",
        how,
    )

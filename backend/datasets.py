"""The data sets there are: built in, added, and found on the computer."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from backend.durable_file import place_folder, replace_folder
from backend.errors import DatasetNotFoundError, DatasetStateError, InvalidRequestError
from backend.settings import Settings
from models.data import Dataset
from models.data.builtin import BUILTIN
from models.data.description import DESCRIPTION, Description, describe, read_description
from models.data.errors import DataError
from models.data.found import USUAL_PLACES, FoundSet, find
from models.data.identity import Identity
from models.data.idx import read_idx
from models.data.loading import load
from models.data.options import Limits, is_slug
from models.data.recutting import stratified
from models.data.splitting import AnySplit, StratifiedSplit
from models.data.writing import write_dataset
from models.proposals import Proposal, propose

_Made = TypeVar("_Made")

logger = logging.getLogger(__name__)

_LOADED = 3  # data sets kept in memory, each of which may be as large as the setting allows


class Datasets:
    """The catalogue of a data folder. Threads and processes may share the folder.

    ``<data folder>/datasets/<id>`` holds what was added, ``<data folder>/cache/datasets/<id>`` what
    was found elsewhere, unpacked once. A folder appears whole or not at all.
    """

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.data_dir / "datasets"
        self.openml_cache = settings.data_dir / "cache" / "openml"
        self._cache = settings.data_dir / "cache" / "datasets"
        self.limits = Limits(bytes=settings.max_dataset_megabytes * 1_000_000)
        self._places = (*_paths(settings.data_path), *USUAL_PLACES)
        self._settings = settings
        self._read = lru_cache(maxsize=256)(_read)
        self._propose = lru_cache(maxsize=256)(self._propose_uncached)
        self._load = lru_cache(maxsize=_LOADED)(self._load_uncached)

    def tidy(self) -> None:
        """Remove what a process that died left of data sets that it was removing."""
        for hidden in self.folder.glob(".*"):
            shutil.rmtree(hidden, ignore_errors=True)

    def each(self, read: Callable[[Description], _Made]) -> list[_Made]:
        """Return what ``read`` makes of every data set: built in, then added, then found ones.

        Those that are damaged are left out; ``describe`` says what is wrong with them.
        """
        results = []
        for dataset_id in self.ids():
            try:
                results.append(read(self.describe(dataset_id)))
            except (DatasetStateError, DatasetNotFoundError) as error:
                _warn_once(error.detail)
        return results

    def ids(self) -> Sequence[str]:
        """Return the ids of all data sets."""
        added = sorted(path.parent.name for path in self.folder.glob(f"[!.]*/{DESCRIPTION}"))
        return list(dict.fromkeys([*BUILTIN, *added, *self._found()]))

    def describe(self, dataset_id: str) -> Description:
        """Return what is known of a data set.

        Raises:
            DatasetNotFoundError: there is none of this id.
            DatasetStateError: it is damaged.
        """
        if dataset_id in BUILTIN:
            return _describe_builtin(dataset_id)
        with _damage_named():
            folder = self._folder(dataset_id)
            status = (folder / DESCRIPTION).stat()
            return self._read(folder, (status.st_mtime_ns, status.st_ino, status.st_size))

    def load(self, dataset_id: str, split: AnySplit | None = None) -> Dataset:
        """Return the data set, cut by ``split`` (as given by default). Cached: do not write to it.

        Raises:
            DatasetNotFoundError: there is none of this id.
            DatasetStateError: it is damaged.
            InvalidRequestError: it is too large to be cut anew.
        """
        described = self.describe(dataset_id)
        self.check_split(described, split)
        seed = split.seed if isinstance(split, StratifiedSplit) else None
        with _damage_named():
            return self._load(dataset_id, described.created_at, seed)

    def check(self, dataset_id: str, split: AnySplit) -> None:
        """Refuse a run on a data set that is not there, or cannot be cut like this.

        Raises:
            InvalidRequestError: so it is.
            DatasetStateError: the data set is damaged.
        """
        try:
            described = self.describe(dataset_id)
        except DatasetNotFoundError as error:
            raise InvalidRequestError.at("dataset", error.detail) from error
        self.check_split(described, split)

    def proposal(self, dataset_id: str) -> Proposal:
        """Return what suits a data set.

        Raises:
            DatasetNotFoundError, DatasetStateError: as ``describe``.
        """
        return self._propose(dataset_id, self.describe(dataset_id).created_at)

    def is_mapped(self, described: Description) -> bool:
        """Say whether the values stay on the disk until they are used."""
        return described.source != "builtin" and self.would_be_mapped(described.bytes)

    def would_be_mapped(self, size: int) -> bool:
        """Say whether a data set of so many bytes stays on the disk."""
        return size > self._settings.memory_map_megabytes * 1_000_000

    def check_split(self, described: Description, split: AnySplit | None) -> None:
        """Refuse to cut anew what is not in memory.

        Raises:
            InvalidRequestError: that is asked for.
        """
        if isinstance(split, StratifiedSplit) and self.is_mapped(described):
            raise InvalidRequestError.at(
                "split",
                f"“{described.id}” takes {described.bytes / 1e6:,.0f} million bytes and stays on "
                "the disk, so it keeps the split that it was added with. Add it again with another "
                "split seed, or raise PRIORSCOPE_MEMORY_MAP_MEGABYTES.",
            )

    def is_removable(self, described: Description) -> bool:
        """Say whether ``remove`` can remove it."""
        return described.source not in ("builtin", "found")

    def place(self, dataset_id: str, written: Path) -> None:
        """Take in a folder that holds a whole data set.

        Raises:
            DatasetStateError: there is one of this id already, or the disk refuses.
        """
        try:
            place_folder(self.folder / dataset_id, written)
        except OSError as error:
            raise DatasetStateError(
                f"The data set “{dataset_id}” cannot be stored: {error.strerror}."
            ) from error

    def check_removable(self, dataset_id: str) -> None:
        """Refuse to remove what was not added.

        Raises:
            DatasetNotFoundError: there is none of this id.
            DatasetStateError: it is built in, or was found on the computer.
        """
        if _is_stored(self.folder, dataset_id):
            return
        described = self.describe(dataset_id)
        why = {
            "builtin": "comes with Priorscope",
            "found": "was not added but found on this computer",
        }[described.source]
        raise DatasetStateError(f"“{described.title}” {why}: it cannot be removed here.")

    def remove(self, dataset_id: str) -> None:
        """Remove a data set that was added.

        Raises:
            DatasetNotFoundError, DatasetStateError: as ``check_removable``.
        """
        self.check_removable(dataset_id)
        # Out of sight in one step, for removing takes time and may be interrupted.
        hidden = self.folder / f".{dataset_id}-{secrets.token_hex(4)}"
        (self.folder / dataset_id).rename(hidden)
        shutil.rmtree(hidden, ignore_errors=True)

    def _found(self) -> dict[str, FoundSet]:
        return {found.id: found for found in find(self._places)}

    def _folder(self, dataset_id: str) -> Path:
        """Return the folder that holds a data set that is not built in."""
        if _is_stored(self.folder, dataset_id):
            return self.folder / dataset_id
        if found := self._found().get(dataset_id):
            return self._unpacked(found)
        if _is_stored(self._cache, dataset_id):
            # Its files are gone, but runs may still need what was unpacked.
            return self._cache / dataset_id
        raise DatasetNotFoundError(dataset_id, self.ids())

    def _unpacked(self, found: FoundSet) -> Path:
        """Return the folder of a found set in the cache; it is filled where that was not done."""
        folder = self._cache / found.id
        if _is_of(folder, found):
            return folder
        self._cache.mkdir(parents=True, exist_ok=True)
        with FileLock(self._cache / f".{found.id}.lock"):
            if not _is_of(folder, found):
                self._unpack(found, folder)
        return folder

    def _unpack(self, found: FoundSet, folder: Path) -> None:
        temporary = self._cache / f".{found.id}"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        try:
            identity = Identity(found.id, found.title, _about(found), "found", found.origin)
            write_dataset(temporary, read_idx(found.files, self.limits), identity, None)
            replace_folder(folder, temporary)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def _load_uncached(self, dataset_id: str, _created_at: object, seed: int | None) -> Dataset:
        if seed is not None:
            given = self._load(dataset_id, _created_at, None)
            return replace(given, rows=stratified(given.rows, given.counts, seed))
        if dataset_id in BUILTIN:
            return BUILTIN[dataset_id]()
        folder = self._folder(dataset_id)
        return load(folder, self.is_mapped(read_description(folder)))

    def _propose_uncached(self, dataset_id: str, _created_at: object) -> Proposal:
        if dataset_id in BUILTIN:
            return propose(BUILTIN[dataset_id]())
        with _damage_named():
            # Mapped: of large sets, few rows are looked at.
            return propose(load(self._folder(dataset_id), mapped=True))


@lru_cache
def _describe_builtin(dataset_id: str) -> Description:
    return describe(BUILTIN[dataset_id](), "builtin")


def _is_stored(folder: Path, dataset_id: str) -> bool:
    return is_slug(dataset_id) and (folder / dataset_id / DESCRIPTION).exists()


@cache
def _warn_once(text: str) -> None:
    logger.warning("%s", text)


@contextlib.contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except DataError as error:
        raise DatasetStateError(str(error)) from error
    except OSError as error:
        raise DatasetStateError(f"The data set cannot be read or unpacked: {error}.") from error


def _is_of(folder: Path, found: FoundSet) -> bool:
    """Say whether the folder holds the found set as it is now."""
    return (folder / DESCRIPTION).exists() and read_description(folder).origin == found.origin


def _read(folder: Path, _version: tuple[int, ...]) -> Description:
    return read_description(folder)


def _paths(text: str) -> list[Path]:
    return [Path(part).expanduser() for part in text.split(os.pathsep) if part]


def _about(found: FoundSet) -> str:
    return f"IDX files found in {found.folder}; the end of the training file validates."

"""Data sets that lie about on the computer: IDX files in the usual places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.data.identity import slug
from models.data.idx import IdxSet, idx_sets, on_disk

USUAL_PLACES = (Path("/usr/local/share/datasets"), Path("/usr/share/datasets"))
"""Where systems install data sets; Debian's dataset-fashion-mnist in the second."""

_TITLES = {
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "kmnist": "Kuzushiji-MNIST",
}


@dataclass(frozen=True)
class FoundSet:
    """A data set on the disk that was not added by anyone."""

    id: str
    title: str
    folder: Path
    files: IdxSet

    @property
    def origin(self) -> str:
        """Names, sizes and times of the files: another text means that they changed."""
        return "; ".join(sorted(file.stamp for file in self.files.files.values()))


def find(places: Iterable[Path]) -> Iterator[FoundSet]:
    """Yield the data sets in folders and the folders in them; the first of each id."""
    seen: set[str] = set()
    for place in places:
        for folder in (place, *_folders(place)):
            for found in in_folder(folder):
                dataset_id = slug(found.name)
                if dataset_id not in seen:
                    seen.add(dataset_id)
                    title = _TITLES.get(dataset_id, found.name)
                    yield FoundSet(dataset_id, title, folder, found)


def in_folder(folder: Path) -> list[IdxSet]:
    """Return the data sets of IDX files right in a folder."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
        files = {path.name: on_disk(path, path.name) for path in paths}
    except OSError:
        return []
    return idx_sets(folder.resolve().parts, files)


def _folders(place: Path) -> list[Path]:
    try:
        return sorted(path for path in place.iterdir() if path.is_dir())
    except OSError:
        return []

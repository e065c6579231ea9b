"""Pictures in a zip file or a folder; the folders in it are their classes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.data.errors import DataError, DataTooLargeError
from models.data.labels import classes
from models.data.options import ImportOptions, Limits
from models.data.picture import EXTENSIONS, Look, decode, is_picture, look
from models.data.reshaping import resized
from models.data.source import Block, Sample, Source, check_size, rows_per_block, spread
from models.data.zip_members import opened_member, opened_zip

_SPLITS = {
    "train": -1,
    "training": -1,
    "val": 1,
    "valid": 1,
    "validation": 1,
    "test": 2,
    "testing": 2,
}
_AT_ONCE = 64  # pictures, after which progress is told
_SAMPLED_PIXELS = 30_000_000

Opener = Callable[[], AbstractContextManager[Callable[[str], AbstractContextManager[IO[bytes]]]]]
"""Opens the whole; within it a picture is opened by its path."""


@dataclass(frozen=True)
class _Album:
    """Paths of pictures, and how to open them."""

    name: str
    paths: Sequence[str]
    ignored: Sequence[str]
    open: Opener

    def where(self, path: str) -> str:
        """Name a picture in errors."""
        return f"{_quoted(path)} in “{self.name}”"


def read_zip_of_pictures(path: Path, name: str, options: ImportOptions, limits: Limits) -> Source:
    """Return what a zip file of pictures holds.

    Raises:
        DataError: it or one of the pictures is damaged or hostile, or there are none.
    """
    with opened_zip(path, name, limits) as (_archive, members):
        names = [info.filename for info in members]

    @contextmanager
    def opened() -> Iterator[Callable[[str], AbstractContextManager[IO[bytes]]]]:
        with opened_zip(path, name, limits) as (archive, _members):
            yield lambda member: opened_member(archive, archive.getinfo(member), name)

    return _read(_album(name, names, opened), options, limits)


def read_folder_of_pictures(
    path: Path, name: str, options: ImportOptions, limits: Limits
) -> Source:
    """Return what a folder of pictures holds. Links to other folders are not followed.

    Raises:
        DataError: as ``read_zip_of_pictures``.
    """
    names = []
    for folder, _folders, files in os.walk(path):
        names += [(Path(folder) / file).relative_to(path).as_posix() for file in files]
        if len(names) > limits.members:
            raise DataTooLargeError(
                f"The folder “{name}” has more than {limits.members:,} files, which is the limit."
            )

    @contextmanager
    def opened() -> Iterator[Callable[[str], AbstractContextManager[IO[bytes]]]]:
        yield lambda file: _opened_file(path / file, f"{_quoted(file)} in “{name}”")

    return _read(_album(name, sorted(names), opened), options, limits)


@contextmanager
def _opened_file(path: Path, where: str) -> Iterator[IO[bytes]]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise DataError(f"{where} cannot be opened: {error.strerror}.") from error
    with file:
        yield file


def _quoted(path: str) -> str:
    # Names of files on a disk need not be text, but what is said about them is sent as such.
    return f"“{path[:200].encode('utf-8', 'replace').decode()}”"


def _album(name: str, names: Sequence[str], opened: Opener) -> _Album:
    paths = [each for each in names if is_picture(each)]
    if not paths:
        raise DataError(f"There are no pictures in “{name}”. Known are {', '.join(EXTENSIONS)}.")
    return _Album(name, paths, [each for each in names if not is_picture(each)], opened)


def _read(album: _Album, options: ImportOptions, limits: Limits) -> Source:
    where = f"“{album.name}”"
    check_size(where, len(album.paths), 1, 1, limits)
    label, label_names, own_split = _classes(album)
    looked_at = _looked_at(len(album.paths), limits)
    looks = list(_looks(album, looked_at, limits))
    size = options.image_size or _common_size(album, looked_at, looks)
    grey = options.grey or all(seen.mode == "L" for seen in looks)
    shape = size if grey else (*size, 3)
    check_size(where, len(album.paths), int(np.prod(shape)), 1, limits)

    def load(opened: IO[bytes], path: str) -> NDArray[np.uint8]:
        image = decode(opened, album.where(path), limits)
        return _fitted(image, size, grey, options, album.where(path))

    def read(numbers: NDArray[np.int64]) -> Iterator[Block]:
        step = min(_AT_ONCE, rows_per_block(int(np.prod(shape))))
        with album.open() as open_picture:
            for first in range(0, len(numbers), step):
                rows = []
                for number in numbers[first : first + step]:
                    path = album.paths[number]
                    with open_picture(path) as opened:
                        rows.append(load(opened, path))
                yield np.stack(rows)

    def sample(count: int) -> Sample:
        pixels = int(np.prod(looks[0].size))
        numbers = spread(len(album.paths), max(8, min(count, _SAMPLED_PIXELS // pixels)))
        return np.concatenate(list(read(numbers))), numbers

    return Source(
        label=label,
        label_names=label_names,
        image_shape=shape,
        num_values=256,
        feature_names=(),
        blocks=lambda: read(np.arange(len(album.paths))),
        sample=sample,
        own_split=own_split,
        notes=tuple(_notes(album, looks, options)),
    )


def _looked_at(count: int, limits: Limits) -> NDArray[np.int64]:
    """Return which pictures' headers are read: all, or some if it has to be quick."""
    return np.arange(count) if limits.look is None else spread(count, 1000)


def _looks(album: _Album, numbers: NDArray[np.int64], limits: Limits) -> Iterator[Look]:
    with album.open() as open_picture:
        for number in numbers:
            path = album.paths[number]
            with open_picture(path) as opened:
                yield look(opened, album.where(path), limits)


def _common_size(
    album: _Album, numbers: NDArray[np.int64], looks: Sequence[Look]
) -> tuple[int, int]:
    sizes = Counter(seen.size for seen in looks)
    (common, _count), *others = sizes.most_common()
    if others:
        number = next(number for number, seen in enumerate(looks) if seen.size != common)
        height, width = looks[number].size
        raise DataError(
            f"{album.where(album.paths[numbers[number]])} has {height}×{width} pixels, most others "
            f"{common[0]}×{common[1]} (height×width). Choose an image size, to which all are "
            "resized."
        )
    return common


def _fitted(
    image: Image.Image, size: tuple[int, int], grey: bool, options: ImportOptions, where: str
) -> NDArray[np.uint8]:
    """Return the picture's levels (D,), in the size and the colours of all."""
    image = image.convert("L" if grey else "RGB")
    if image.size != (size[1], size[0]):
        if options.image_size is None:
            raise DataError(
                f"{where} has {image.height}×{image.width} pixels, others {size[0]}×{size[1]} "
                "(height×width). Choose an image size, to which all are resized."
            )
        image = resized(image, size)
    return np.asarray(image).reshape(-1)


def _classes(
    album: _Album,
) -> tuple[NDArray[np.int64], tuple[str, ...], NDArray[np.int8] | None]:
    """Return the classes that the folders tell, and the splits if the outermost ones tell those."""
    # Some programs of Windows write its separators into zip files.
    folders = [PurePosixPath(path.replace("\\", "/")).parts[:-1] for path in album.paths]
    shared = _shared(folders)
    folders = [folder[shared:] for folder in folders]
    outermost = {folder[0].lower() if folder else "" for folder in folders}
    own_split = None
    if outermost <= set(_SPLITS) and {_SPLITS[name] for name in outermost} >= {-1, 2}:
        own_split = np.array([_SPLITS[folder[0].lower()] for folder in folders], np.int8)
        folders = [folder[1:] for folder in folders]
    if not any(folders):
        return np.zeros(len(folders), np.int64), (), own_split
    for path, folder in zip(album.paths, folders, strict=True):
        if not folder:
            raise DataError(
                f"{album.where(path)} is in no folder, and so in no class, while others are. Move "
                "it into the folder of its class."
            )
    names = np.array(["/".join(folder) for folder in folders], object)
    label, label_names = classes(names, f"The folders of “{album.name}”")
    return label, label_names, own_split


def _shared(folders: Sequence[tuple[str, ...]]) -> int:
    """Return how many outermost folders all have in common."""
    first, last = min(folders), max(folders)
    pairs = zip(first, last, strict=False)
    return next(
        (n for n, (one, other) in enumerate(pairs) if one != other), min(map(len, (first, last)))
    )


def _notes(album: _Album, looks: Sequence[Look], options: ImportOptions) -> Iterator[str]:
    total = len(looks)
    of_all = f"{total:,}" if total == len(album.paths) else f"{total:,} that were looked at"
    for change, count in Counter(change for seen in looks for change in seen.changes).most_common():
        yield f"{count:,} of {of_all} pictures are {change}."
    colours = sum(seen.mode == "RGB" for seen in looks)
    if options.grey and colours:
        yield f"{colours:,} of {of_all} pictures are in colour and become grey."
    elif 0 < colours < total:
        yield f"{total - colours:,} of {of_all} pictures are grey, among others in colour."
    if options.image_size is not None:
        height, width = options.image_size
        others = [seen.size for seen in looks if seen.size != options.image_size]
        bent = sum(abs(h * width - w * height) > max(w, h) for h, w in others)
        if others:
            yield f"{len(others):,} of {of_all} pictures are resized to {height}×{width} pixels."
        if bent:
            yield f"{bent:,} of them have other proportions and are stretched."
    if album.ignored:
        shown = ", ".join(map(_quoted, album.ignored[:3]))
        more = f" and {len(album.ignored) - 3:,} more" if len(album.ignored) > 3 else ""
        yield f"Left out, for they are no pictures: {shown}{more}."

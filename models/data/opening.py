"""From a file or a folder to its rows, with the reader of its format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from models.data.arrays import read_npy, read_npz
from models.data.errors import DataError
from models.data.formats import PARQUET, Format, sniff
from models.data.found import in_folder
from models.data.idx import IdxFile, IdxSet, idx_sets, on_disk, read_idx, single
from models.data.options import ImportOptions, Limits
from models.data.pictures import read_folder_of_pictures, read_zip_of_pictures
from models.data.reshaping import reshaped
from models.data.source import Source
from models.data.zip_members import is_zip, member_opener, opened_zip


def open_source(path: Path, name: str, options: ImportOptions, limits: Limits) -> Source:
    """Return what a file or a folder holds; ``name`` is what it is called in errors.

    Raises:
        DataError: it is damaged, hostile, or of no known format, or the options do not suit it.
    """
    if path.is_dir():
        return reshaped(_open_folder(path, name, options, limits), options)
    found = sniff(path, name, limits)
    _check_options(found, name, options)
    return reshaped(_open_file(found, path, name, options, limits), options)


def _open_folder(path: Path, name: str, options: ImportOptions, limits: Limits) -> Source:
    _check_options("pictures", name, options)
    if sets := in_folder(path):
        return read_idx(_only(sets, name), limits)
    return read_folder_of_pictures(path, name, options, limits)


def _open_file(
    found: Format, path: Path, name: str, options: ImportOptions, limits: Limits
) -> Source:
    with path.open("rb") as file:
        head = file.read(4)
    match found:
        case "idx" if is_zip(head):
            return read_idx(_only(_zipped_sets(path, name, limits), name), limits)
        case "idx":
            return read_idx(single(on_disk(path, name)), limits)
        case "arrays":
            read = read_npz if is_zip(head) else read_npy
            return read(path, name, options, limits)
        case "pictures":
            return read_zip_of_pictures(path, name, options, limits)
        case "table":
            # Late: polars would keep every server from listening for a tenth of a second.
            from models.data.table import read_csv, read_parquet

            read = read_parquet if head == PARQUET else read_csv
            return read(path, name, options, limits)


def _check_options(found: Format, name: str, options: ImportOptions) -> None:
    if found != "table" and options.label_column is not None:
        raise DataError(f"“{name}” is no table: leave out the label column.")


def _zipped_sets(path: Path, name: str, limits: Limits) -> list[IdxSet]:
    with opened_zip(path, name, limits) as (_archive, members):
        folders: dict[PurePosixPath, dict[str, IdxFile]] = {}
        for info in members:
            member = PurePosixPath(info.filename)
            opener = member_opener(path, name, info.filename, limits)
            file = IdxFile(f"“{info.filename}” in “{name}”", opener, info.file_size)
            folders.setdefault(member.parent, {})[member.name] = file
    stem = PurePosixPath(name).stem
    return [
        found
        for folder, files in folders.items()
        for found in idx_sets([stem, *folder.parts], files)
    ]


def _only(sets: Sequence[IdxSet], name: str) -> IdxSet:
    """Return the one data set there is.

    Raises:
        DataError: there are none or several.
    """
    if len(sets) != 1:
        names = ", ".join(found.name for found in sets) or "no training images"
        raise DataError(
            f"“{name}” holds {names}; needed are the files of one data set. Put them, and no "
            "others, into a folder or a zip file."
        )
    return sets[0]

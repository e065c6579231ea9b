"""``priorscope data``: data sets are added, listed, shown and removed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from backend.datasets import Datasets
from backend.errors import PriorscopeError
from backend.field_errors import explain
from backend.settings import Settings
from backend.storage import RunStore
from backend.visible_text import visible
from backend.workspace import Workspace
from models.data.description import Description, SourceName
from models.data.errors import DataError
from models.data.identity import Identity, identity_of
from models.data.importing import FileOrigin, Origin, Report, import_dataset
from models.data.openml import OpenmlOrigin
from models.data.options import ImportOptions

_SIZE = re.compile(r"(\d{1,5})[x×](\d{1,5})")
_OPENML = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9_.()+-]*)(:(?P<version>[1-9]\d*))?")
_PIPE_WIDTH = 180


def configure(image_size: str | None, shares: dict[str, Any], **given: Any) -> ImportOptions:
    """Return the options that were given on the command line.

    Raises:
        PriorscopeError: one of them is not possible.
    """
    body = {name: value for name, value in given.items() if value is not None}
    if body.pop("no_labels", False):
        body["label_column"] = None
    if image_size is not None:
        size = _SIZE.fullmatch(image_size)
        if size is None:
            raise PriorscopeError(
                f"--image-size takes height and width, such as 32x32; got {image_size!r}."
            )
        body["image_size"] = (int(size[1]), int(size[2]))
    body["split"] = {name: value for name, value in shares.items() if value is not None}
    try:
        return ImportOptions.model_validate(body)
    except ValidationError as error:
        sentences = [f"{e.field}: {e.message}" for e in explain(error.errors(), body)]
        raise PriorscopeError(" ".join(sentences)) from error


def add(settings: Settings, path: Path | None, openml: str | None, options: ImportOptions) -> int:
    """Make a data set of a file, a folder, or a set of OpenML; return the exit status.

    Raises:
        PriorscopeError: that is not possible; nothing of it stays.
    """
    store = RunStore(settings)
    workspace = Workspace(settings.data_dir)
    try:
        added = _add(store.datasets, workspace, path, openml, options)
    except DataError as error:
        raise PriorscopeError(str(error)) from error
    except OSError as error:
        raise PriorscopeError(f"{error.filename} cannot be read: {error.strerror}.") from error
    except KeyboardInterrupt:
        Console(stderr=True).print("Stopped; nothing of it was kept.")
        return 130
    finally:
        workspace.close()
        store.close()
    _say(f"Added “{added.id}”: {added.description} {_split(added)}")
    for note in added.notes:
        _say(note)
    _say(f"Train on it with: priorscope train --prior vampprior --dataset {added.id}")
    return 0


def _add(
    datasets: Datasets,
    workspace: Workspace,
    path: Path | None,
    openml: str | None,
    options: ImportOptions,
) -> Description:
    if options.id in datasets.ids():
        raise PriorscopeError(
            f"There is a data set “{options.id}” already. Choose another name, or remove it "
            f"with: priorscope data remove {options.id}"
        )
    origin = _origin(path, openml, workspace.folder / "fetched", datasets.openml_cache)
    source: SourceName = "openml" if isinstance(origin, OpenmlOrigin) else "folder"
    identity = identity_of(options, Path(origin.name).stem, source, set())
    folder = workspace.make("dataset")
    with _progress(identity) as report:
        added = import_dataset(folder, origin, options, identity, datasets.limits, report)
    datasets.place(identity.id, folder)
    return added


def show_all(settings: Settings) -> None:
    """Print a table of the data sets."""
    store = RunStore(settings)
    table = Table()
    table.add_column("Id", no_wrap=True)
    table.add_column("What")
    for heading in ("Train", "Validation", "Test", "Classes"):
        table.add_column(heading, justify="right")
    table.add_column("From")
    for cells in store.datasets.each(_cells):
        table.add_row(*cells)
    store.close()
    _console().print(table)


def show(settings: Settings, dataset_id: str) -> None:
    """Print what is known of one data set, and what suits it.

    Raises:
        PriorscopeError: there is none of this id, or it is damaged.
    """
    store = RunStore(settings)
    described = store.datasets.describe(dataset_id)
    proposal = store.datasets.proposal(dataset_id)
    mapped = store.datasets.is_mapped(described)
    store.close()
    _say(f"{described.title} ({described.id}): {described.description}")
    where = "stays on the disk while it is used" if mapped else "is held in memory while it is used"
    _say(f"{_what(described)}; {_size(described.bytes)}, which {where}.")
    _say(_split(described))
    numbers = described.statistics
    extremes = ""
    if numbers.share_at_extremes is not None:
        extremes = f", {numbers.share_at_extremes:.0%} of them at the lowest or highest level"
    _say(
        f"Training values run from {numbers.minimum:g} to {numbers.maximum:g}, mean "
        f"{numbers.mean:.4g}{extremes}."
    )
    if described.label_names:
        named = zip(described.label_names, described.class_counts, strict=True)
        _say("Training rows: " + ", ".join(f"{name} {count:,}" for name, count in named))
    if described.feature_ranges:
        ranges = zip(described.feature_names, described.feature_ranges, strict=True)
        for name, (low, high) in ranges:
            _say(f"  {name}: {low:g} to {high:g}")
    for sentence in (*described.notes, *proposal.why):
        _say(sentence)


def remove(settings: Settings, dataset_id: str) -> None:
    """Remove a data set that was added and that no run needs.

    Raises:
        PriorscopeError: there is none of this id, or it cannot be removed.
    """
    store = RunStore(settings)
    try:
        store.remove_dataset(dataset_id)
    finally:
        store.close()
    _say(f"Removed “{dataset_id}”.")


def _origin(path: Path | None, openml: str | None, work: Path, cache: Path) -> Origin:
    if (path is None) == (openml is None):
        raise PriorscopeError("Give a file or a folder, or a data set of OpenML with --openml.")
    if path is not None:
        if not path.exists():
            raise PriorscopeError(f"There is no file or folder {path}.")
        return FileOrigin(path, path.resolve().name)
    chosen = _OPENML.fullmatch(openml or "")
    if chosen is None:
        raise PriorscopeError(
            f"--openml takes a name, such as mnist_784 or mnist_784:1; got {openml!r}."
        )
    version = None if chosen["version"] is None else int(chosen["version"])
    return OpenmlOrigin(chosen["name"], version, work, cache)


@contextmanager
def _progress(identity: Identity) -> Iterator[Report]:
    """Show a progress bar; yields the function that moves it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rows"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(identity.id, total=None)

        def report(message: str, done: int, total: int | None) -> None:
            progress.update(task, description=message, completed=done, total=total)

        yield report


def _cells(described: Description) -> list[str]:
    counts = [f"{count:,}" for count in described.counts]
    classes = str(len(described.label_names) or "–")
    return [described.id, _what(described), *counts, classes, described.source]


def _what(described: Description) -> str:
    if not described.image_shape:
        return f"Vectors of {len(described.feature_names):,} numbers"
    height, width, *channels = described.image_shape
    colour = "Colour" if channels else "Grey"
    return f"{colour} images, {height}×{width}, {described.num_values} levels"


def _size(count: int) -> str:
    return f"{count:,} bytes" if count < 1e6 else f"{count / 1e6:,.1f} million bytes"


def _split(described: Description) -> str:
    train, validation, test = described.counts
    return f"{train:,} train, {validation:,} validate, {test:,} test."


def _say(sentence: str) -> None:
    Console(highlight=False).print(visible(sentence), markup=False, soft_wrap=True)


def _console() -> Console:
    console = Console()
    # A file or a pipe has no width; cells cut off to fit one would be lost.
    return console if console.is_terminal else Console(width=_PIPE_WIDTH)

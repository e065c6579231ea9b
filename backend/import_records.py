"""What became of imports, for those who ask after the server was started again."""

from __future__ import annotations

import contextlib
import logging
from collections import OrderedDict
from pathlib import Path

from pydantic import BaseModel, ValidationError

from backend.dataset_schemas import Import
from backend.datasets import Datasets
from backend.durable_file import replace_file
from backend.errors import DiskFullError

logger = logging.getLogger(__name__)

_REMEMBERED = 200


class _Record(BaseModel):
    """An import as it was told last; ``number`` counts them."""

    number: int
    target: str
    shown: Import


class ImportRecords:
    """``<data folder>/imports/<id>.json``, of the last imports of the one server that there is."""

    def __init__(self, folder: Path, datasets: Datasets) -> None:
        """Read them; what a dead server was in the middle of has failed."""
        self._folder = folder / "imports"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._records: OrderedDict[str, _Record] = OrderedDict()
        found = [record for path in self._folder.glob("*.json") if (record := _read(path))]
        for record in sorted(found, key=lambda record: record.number):
            self._records[record.shown.id] = record
            if record.shown.status == "running":
                self.save(_ended(record, datasets), record.target)

    def get(self, import_id: str) -> Import | None:
        """Return how an import was when it was told last."""
        record = self._records.get(import_id)
        return None if record is None else record.shown

    def all(self) -> list[Import]:
        """Return all, the newest first."""
        return [record.shown for record in reversed(self._records.values())]

    def save(self, shown: Import, target: str) -> None:
        """Remember an import that makes, or made, the data set ``target``.

        Raises:
            DiskFullError: there is no room for it; then it is known as long as this process lives.
        """
        known = self._records.get(shown.id)
        last = next(reversed(self._records.values())).number if self._records else 0
        record = _Record(number=known.number if known else last + 1, target=target, shown=shown)
        self._records[shown.id] = record
        while len(self._records) > _REMEMBERED:
            forgotten, _ = self._records.popitem(last=False)
            self._path(forgotten).unlink(missing_ok=True)
        replace_file(self._path(shown.id), record.model_dump_json().encode())

    def update(self, shown: Import, target: str) -> None:
        """Remember what became of an import, as far as the disk has room."""
        with contextlib.suppress(DiskFullError):
            self.save(shown, target)

    def _path(self, import_id: str) -> Path:
        return self._folder / f"{import_id}.json"


def _ended(record: _Record, datasets: Datasets) -> Import:
    """Return what became of an import that ran when its server died."""
    if record.target in datasets.ids():
        # It died after the data set was put in place, before it could say so.
        finished = {"status": "finished", "dataset": record.target}
        return record.shown.model_copy(update=finished)
    error = (
        f"“{record.shown.title}” was not added: the server ended in the middle of the import. "
        "Nothing of it stays; add the data again."
    )
    return record.shown.model_copy(update={"status": "failed", "error": error})


def _read(path: Path) -> _Record | None:
    try:
        return _Record.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        logger.warning("%s cannot be read: %s", path, error)
        return None

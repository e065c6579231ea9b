"""Imports: uploads and sets of OpenML become data sets, in processes of their own."""

from __future__ import annotations

import logging
import secrets
import shutil
import signal
import threading
from collections import OrderedDict
from concurrent.futures import Future, TimeoutError
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from pebble import ProcessExpired
from pydantic import ValidationError

from backend import import_worker
from backend.dataset_info import preview_of
from backend.dataset_schemas import CreateDataset, Import, ImportStatus, Preview
from backend.datasets import Datasets
from backend.errors import (
    DatasetStateError,
    FieldError,
    InvalidRequestError,
    NoProcessError,
    QueueFullError,
    UnknownImportError,
)
from backend.import_records import ImportRecords
from backend.import_worker import ImportProgress, ImportTask
from backend.uploads import Uploads
from backend.worker_pool import WorkerPool
from backend.workspace import Workspace
from models.data.description import SourceName
from models.data.identity import Identity, identity_of
from models.data.importing import FileOrigin, Look, Origin
from models.data.openml import OpenmlOrigin
from models.data.options import ImportOptions

logger = logging.getLogger(__name__)

_AT_A_TIME = 2
_NICENESS = 10  # somebody waits for a preview, but hardly for an import
_WAITING = 16
_SECONDS_TO_PREVIEW = 120.0
_BYTES_TO_PREVIEW = 256_000_000
_SECONDS_TO_IMPORT = 6 * 3600.0
_REMEMBERED = 200


@dataclass
class _Job:
    """An import, here or in its process."""

    id: str
    folder: Path
    identity: Identity
    upload: str | None
    status: ImportStatus = "running"
    error: str | None = None
    last: ImportProgress = field(default_factory=lambda: ImportProgress(message="Waiting."))
    future: Future[str | None] | None = None

    @property
    def progress_file(self) -> Path:
        return self.folder / "progress.json"


class ImportJobs:
    """Runs imports, a few at a time; each is written to the workspace and put in place whole."""

    def __init__(
        self, datasets: Datasets, uploads: Uploads, workspace: Workspace, records: ImportRecords
    ) -> None:
        self._datasets = datasets
        self._records = records
        self._uploads = uploads
        self._workspace = workspace
        self._lock = threading.RLock()
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._previews = WorkerPool(1, import_worker.prepare, (0,))
        self._imports = WorkerPool(_AT_A_TIME, import_worker.prepare, (_NICENESS,))

    def preview(self, upload_id: str, options: ImportOptions) -> Preview:
        """Say what an upload would become.

        Raises:
            UnknownUploadError: there is no such upload.
            InvalidRequestError: it cannot become a data set.
            NoProcessError: there is no room for the process that would read it.
        """
        upload, path = self._uploads.get(upload_id)
        identity = self._identity(options, Path(upload.filename).stem, "upload")
        origin = FileOrigin(path, upload.filename)
        with self._lock:
            future = self._previews.schedule(
                import_worker.preview,
                origin,
                options,
                replace(self._datasets.limits, look=_BYTES_TO_PREVIEW),
                timeout=_SECONDS_TO_PREVIEW,
            )
        seen = _result(future, upload.filename)
        if isinstance(seen, str):
            raise InvalidRequestError(seen)
        return preview_of(seen, identity, self._datasets)

    def start(self, asked: CreateDataset) -> Import:
        """Begin to make a data set.

        Raises:
            UnknownUploadError: there is no such upload.
            InvalidRequestError: its source is missing, or its id is taken.
            QueueFullError: too many wait already.
            NoProcessError: there is no room for the process that would import it.
        """
        if (asked.upload is None) == (asked.openml is None):
            message = "Give one of them: the id of an upload, or a data set of openml.org."
            raise InvalidRequestError(
                f"upload, openml: {message}",
                (FieldError("upload", message), FieldError("openml", message)),
            )
        options = asked.options()
        with self._lock:
            self._check_queue()
            job_id = secrets.token_hex(6)
            origin, stem = self._origin(asked, self._workspace.folder / job_id)
            identity = self._identity(options, stem, "upload" if asked.upload else "openml")
            job = _Job(job_id, self._workspace.make(job_id), identity, asked.upload)
            (job.folder / "dataset").mkdir()
            # Before it begins: a server that dies in its middle has to know of it afterwards.
            self._records.save(self._show(job), identity.id)
            self._jobs[job_id] = job
            task = ImportTask(
                origin,
                options,
                identity,
                self._datasets.limits,
                job.folder / "dataset",
                job.progress_file,
            )
            try:
                job.future = self._imports.schedule(
                    import_worker.run_import, task, timeout=_SECONDS_TO_IMPORT
                )
            except NoProcessError as error:
                job.status, job.error = "failed", error.detail
                self._remember(job)
                raise
            job.future.add_done_callback(partial(self._ended, job))
            return self._show(job)

    def get(self, import_id: str) -> Import:
        """Return how far an import is.

        Raises:
            UnknownImportError: there is none of this id.
        """
        with self._lock:
            if import_id in self._jobs:
                return self._show(self._jobs[import_id])
            record = self._records.get(import_id)
            if record is None:
                raise UnknownImportError(import_id)
            return record

    def all(self) -> list[Import]:
        """Return the imports that are remembered, the newest first."""
        with self._lock:
            return [self.get(record.id) for record in self._records.all()]

    def cancel(self, import_id: str) -> Import:
        """Stop an import; nothing of it stays.

        Raises:
            UnknownImportError: there is none of this id.
            DatasetStateError: it has ended.
        """
        with self._lock:
            status = self.get(import_id).status
            if status != "running":
                raise DatasetStateError(f"This import does not run any more: it is {status}.")
            job = self._jobs[import_id]
            job.status, job.last = "cancelled", self._progress(job)
            assert job.future is not None
            job.future.cancel()
            return self._remember(job)

    def delete_upload(self, upload_id: str) -> None:
        """Remove an upload that is not being imported.

        Raises:
            UnknownUploadError: there is none.
            DatasetStateError: it is being imported.
        """
        with self._lock:
            if upload_id in self._uploads_in_use():
                raise DatasetStateError("This upload is being imported. Cancel the import first.")
            self._uploads.delete(upload_id)

    def tidy(self) -> None:
        """Remove what ended imports and forgotten uploads left."""
        with self._lock:
            self._uploads.expire(self._uploads_in_use())
            for job in self._jobs.values():
                if job.status != "running" and job.folder.exists():
                    shutil.rmtree(job.folder, ignore_errors=True)
            while len(self._jobs) > _REMEMBERED and self._oldest().status != "running":
                self._jobs.popitem(last=False)

    def close(self) -> None:
        """Stop all imports."""
        with self._lock:
            for job in self._jobs.values():
                if job.status == "running" and job.future is not None:
                    job.status, job.error = "failed", _stopped(job.identity.title)
                    job.future.cancel()
                    self._remember(job)
        self._previews.close()
        self._imports.close()

    def _oldest(self) -> _Job:
        return next(iter(self._jobs.values()))

    def _uploads_in_use(self) -> set[str]:
        running = (job for job in self._jobs.values() if job.status == "running")
        return {job.upload for job in running if job.upload is not None}

    def _check_queue(self) -> None:
        waiting = sum(job.status == "running" for job in self._jobs.values())
        if waiting >= _WAITING:
            raise QueueFullError(f"{waiting} imports are waiting already. Wait for one to end.")

    def _origin(self, asked: CreateDataset, folder: Path) -> tuple[Origin, str]:
        if asked.openml is not None:
            chosen = asked.openml
            cache = self._datasets.openml_cache
            origin = OpenmlOrigin(chosen.name, chosen.version, folder / "fetched", cache)
            return origin, chosen.name
        assert asked.upload is not None
        upload, path = self._uploads.get(asked.upload)
        return FileOrigin(path, upload.filename), Path(upload.filename).stem

    def _identity(self, options: ImportOptions, stem: str, source: SourceName) -> Identity:
        """Return what the data set will be called.

        Raises:
            InvalidRequestError: there is one of that id.
        """
        taken = {*self._datasets.ids()}
        taken |= {job.identity.id for job in self._jobs.values() if job.status == "running"}
        if options.id in taken:
            raise InvalidRequestError.at(
                "id", f"There is a data set “{options.id}” already. Choose another id."
            )
        return identity_of(options, stem, source, taken)

    def _remember(self, job: _Job) -> Import:
        shown = self._show(job)
        self._records.update(shown, job.identity.id)
        return shown

    def _progress(self, job: _Job) -> ImportProgress:
        try:
            return ImportProgress.model_validate_json(job.progress_file.read_bytes())
        except (OSError, ValidationError):
            return job.last

    def _show(self, job: _Job) -> Import:
        if job.status == "running":
            job.last = self._progress(job)
        return Import(
            id=job.id,
            title=job.identity.title,
            status=job.status,
            message=job.last.message,
            done=job.last.done,
            total=job.last.total,
            dataset=job.identity.id if job.status == "finished" else None,
            error=job.error,
        )

    def _ended(self, job: _Job, future: Future[str | None]) -> None:
        error = None if future.cancelled() else _explain(future, job.identity.title)
        with self._lock:
            if job.status != "running":
                return
            job.last = self._progress(job)
            if error is None:
                try:
                    self._datasets.place(job.identity.id, job.folder / "dataset")
                except DatasetStateError as failure:
                    error = failure.detail
            job.status, job.error = ("finished", None) if error is None else ("failed", error)
            if error is None and job.upload is not None:
                self._uploads.delete(job.upload)
            self._remember(job)
            shutil.rmtree(job.folder, ignore_errors=True)


def _stopped(title: str) -> str:
    return (
        f"“{title}” was not added: the server was stopped before the import was done. Nothing of "
        "it stays; add the data again."
    )


def _result(future: Future[Look | str], name: str) -> Look | str:
    try:
        return future.result()
    except Exception:
        return _explain(future, name) or ""


def _explain(future: Future[Any], name: str) -> str | None:
    """Return why an import failed, in a sentence; None where it did not."""
    error = future.exception()
    match error:
        case None:
            result = future.result()
            return result if isinstance(result, str) else None
        case TimeoutError():
            return f"“{name}” took too long to read, so it was given up."
        case ProcessExpired() if error.exitcode < 0:
            number = signal.Signals(-error.exitcode).name
            return f"Reading “{name}” was stopped ({number}, perhaps for lack of memory)."
        case _:
            logger.error("Reading %s failed", name, exc_info=error)
            return (
                f"“{name}” cannot be read because of an unexpected error "
                f"({type(error).__name__}: {error}). The server's log has the details."
            )

"""Named errors: each knows its HTTP status; all are formatted in one place (``api/problems.py``).

The detail is a sentence for people: what was wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, NamedTuple


class FieldError(NamedTuple):
    """What is wrong with one field of a request, such as ``prior.num_components``."""

    field: str
    message: str


class PriorscopeError(Exception):
    """A failure that a person can read; its subclasses give it a name and an HTTP status."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors


class TokenRequiredError(PriorscopeError):
    """The request does not show the token, or a wrong one."""

    status, slug, title = 401, "token-required", "Token required"
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class WrongHostError(PriorscopeError):
    """The request names another server."""

    status, slug, title = 403, "wrong-host", "Not this server's name"


class CrossSiteError(PriorscopeError):
    """A page of another site is behind the request."""

    status, slug, title = 403, "cross-site", "Not from another site"


class NotFoundError(PriorscopeError):
    """Nothing is at this address."""

    status, slug, title = 404, "not-found", "Not found"


class UnknownRunError(NotFoundError):
    """No run has this id."""

    slug, title = "unknown-run", "Unknown run"

    def __init__(self, run_id: str) -> None:
        super().__init__(
            f"There is no run “{run_id}”. It may have been deleted; see GET /api/runs."
        )


class DatasetNotFoundError(NotFoundError):
    """No data set has this id."""

    slug, title = "unknown-dataset", "Unknown data set"

    def __init__(self, dataset_id: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no data set “{dataset_id}”. Known data sets: {', '.join(known)}."
        )


class UnknownUploadError(NotFoundError):
    """No upload has this id."""

    slug, title = "unknown-upload", "Unknown upload"

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            f"There is no upload “{upload_id}”. Uploads are forgotten once they are data sets, "
            "after a day, and when the server stops: send the file again."
        )


class UnknownImportError(NotFoundError):
    """No import has this id."""

    slug, title = "unknown-import", "Unknown import"

    def __init__(self, import_id: str) -> None:
        super().__init__(
            f"There is no import “{import_id}”. GET /api/imports lists the last ones, and GET "
            "/api/datasets what there is."
        )


class UnsupportedFormatError(PriorscopeError):
    """The file is of a format that is not read here."""

    status, slug, title = 415, "unsupported-format", "Unknown format"


class TooManyUploadsError(PriorscopeError):
    """Too many uploads are waiting."""

    status, slug, title = 429, "too-many-uploads", "Too many uploads"


class DatasetStateError(PriorscopeError):
    """The data set, or an import, is in a state that forbids what was asked for."""

    status, slug, title = 409, "dataset-state", "Not possible with this data set"


class InvalidRequestError(PriorscopeError):
    """The request is understood but asks for something impossible."""

    status, slug, title = 422, "invalid-request", "Invalid request"

    @classmethod
    def at(cls, field: str, message: str) -> InvalidRequestError:
        """Make the error for one field, whose message is a sentence."""
        return cls(f"{field}: {message}", (FieldError(field, message),))


class TooLargeError(PriorscopeError):
    """What was sent is more than the settings allow."""

    status, slug, title = 413, "too-large", "Too large"


class UnsupportedBodyError(PriorscopeError):
    """The body is of a type that a page of any other site can send."""

    status, slug, title = 415, "unsupported-body", "Type of body not taken"


class NoCheckpointError(PriorscopeError):
    """The run has no weights yet."""

    status, slug, title = 409, "no-checkpoint", "Nothing to explore yet"


class DamagedArtefactError(PriorscopeError):
    """A file of a run is not as it was written."""

    status, slug, title = 409, "damaged-artefact", "A file is damaged"

    def __init__(self, detail: str, reason: str = "it is damaged") -> None:
        super().__init__(detail)
        self.reason = reason


class DiskFullError(PriorscopeError):
    """The disk of the data folder is full."""

    status, slug, title = 507, "disk-full", "The disk is full"


class RunStateError(PriorscopeError):
    """The run is in a state that forbids what was asked for."""

    status, slug, title = 409, "run-state", "Not possible in this state"


class QueueFullError(PriorscopeError):
    """Too many runs are waiting."""

    status, slug, title = 429, "queue-full", "The queue is full"


class TooManyStreamsError(PriorscopeError):
    """This client follows the events too many times."""

    status, slug, title = 429, "too-many-streams", "Too many streams"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "10"}


class BusyError(PriorscopeError):
    """Too much is asked for at the same time."""

    status, slug, title = 503, "busy", "Busy"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "2"}


class NoProcessError(PriorscopeError):
    """The computer has no room for another process."""

    status, slug, title = 503, "no-process", "No room for another process"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "10"}


class NotReadyError(PriorscopeError):
    """The server runs, but something that it needs does not."""

    status, slug, title = 503, "not-ready", "Not ready"


class StoreError(PriorscopeError):
    """The data folder or the database cannot be used."""

    status, slug, title = 500, "store", "The store cannot be used"

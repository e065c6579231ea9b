"""A typed client for every route of the HTTP interface."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import TypeAdapter

from backend.connection import Connection
from backend.connection import ProblemError as ProblemError
from backend.connection import ServerUnreachableError as ServerUnreachableError
from backend.dataset_schemas import (
    CreateDataset,
    DatasetImages,
    DatasetInfo,
    Import,
    Preview,
    Upload,
)
from backend.explore_schemas import (
    AnatomyInfo,
    Decoded,
    Density,
    Encoded,
    FieldName,
    Holes,
    Manifold,
    Overview,
    Panel,
    PlaneDetails,
    Points,
    Samples,
    SnapshotEpochs,
)
from backend.schemas import (
    Event,
    History,
    PriorInfo,
    Run,
    RunPage,
    SortKey,
    SplitName,
    Status,
)
from backend.server_schemas import Alive, Health
from models.config import RunConfig, given
from models.data.options import ImportOptions
from models.metrics import Metrics
from models.plane_density import Reading


class PriorscopeClient(Connection):
    """Talks to a Priorscope server; arrays in answers are numpy arrays.

    Every method raises ``ProblemError`` where the server refuses, and ``ServerUnreachableError``
    where there is none.
    """

    # Server, priors, data sets

    def alive(self) -> Alive:
        """Ask whether the server answers; this needs no token."""
        return self._get(Alive, "/api/alive")

    def health(self) -> Health:
        """Ask whether the server can do what it is for, and for its version."""
        return self._get(Health, "/api/health")

    def priors(self) -> list[PriorInfo]:
        """List the kinds of priors."""
        return TypeAdapter(list[PriorInfo]).validate_json(self._request("GET", "/api/priors"))

    def run_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of what ``create_run`` takes."""
        schema: dict[str, Any] = json.loads(self._request("GET", "/api/run-schema"))
        return schema

    def datasets(self) -> list[DatasetInfo]:
        """List the data sets."""
        return TypeAdapter(list[DatasetInfo]).validate_json(self._request("GET", "/api/datasets"))

    def dataset(self, dataset_id: str) -> DatasetInfo:
        """Describe a data set."""
        return self._get(DatasetInfo, f"/api/datasets/{dataset_id}")

    def dataset_images(
        self,
        dataset_id: str,
        *,
        split: SplitName | Literal["all"] = "all",
        index: Sequence[int] | None = None,
    ) -> DatasetImages:
        """Return pictures of a data set, all of a split or those chosen."""
        chosen = None if index is None else ",".join(map(str, index))
        return self._get(
            DatasetImages, f"/api/datasets/{dataset_id}/images", split=split, index=chosen
        )

    # Uploads and imports

    def create_upload(self, path: Path, filename: str | None = None) -> Upload:
        """Send a file, in pieces; it waits on the server to become a data set."""
        with path.open("rb") as file:
            answer = self._request(
                "POST",
                "/api/uploads",
                query={"filename": filename or path.name},
                content=file,
            )
        return Upload.model_validate_json(answer)

    def preview_upload(self, upload_id: str, options: ImportOptions | None = None) -> Preview:
        """Say what an upload would become."""
        body = (options or ImportOptions()).model_dump(mode="json", exclude_unset=True)
        path = f"/api/uploads/{upload_id}/preview"
        return Preview.model_validate_json(self._request("POST", path, body))

    def delete_upload(self, upload_id: str) -> None:
        """Remove an upload."""
        self._request("DELETE", f"/api/uploads/{upload_id}")

    def create_dataset(self, asked: CreateDataset) -> Import:
        """Begin to make a data set of an upload, or of one of openml.org."""
        body = asked.model_dump(mode="json", exclude_unset=True)
        return Import.model_validate_json(self._request("POST", "/api/datasets", body))

    def imports(self) -> list[Import]:
        """List the last imports, the newest first."""
        return TypeAdapter(list[Import]).validate_json(self._request("GET", "/api/imports"))

    def show_import(self, import_id: str) -> Import:
        """Say how far an import is."""
        return self._get(Import, f"/api/imports/{import_id}")

    def cancel_import(self, import_id: str) -> Import:
        """Stop an import; nothing of it stays."""
        path = f"/api/imports/{import_id}/cancel"
        return Import.model_validate_json(self._request("POST", path))

    def delete_dataset(self, dataset_id: str) -> None:
        """Remove a data set that was added and that no run needs."""
        self._request("DELETE", f"/api/datasets/{dataset_id}")

    # Runs

    def create_run(
        self,
        config: RunConfig | dict[str, Any],
        name: str | None = None,
        *,
        frozen_from: str | None = None,
    ) -> Run:
        """Queue a run; only the prior has to be given: the server fills in what suits the data.

        With the id of a run in ``frozen_from`` only the prior is trained, on that run's encoder and
        decoder; what these determine may be left out of ``config``.
        """
        body = dict(config) if isinstance(config, dict) else given(config)
        if name is not None:
            body["name"] = name
        if frozen_from is not None:
            body["frozen_from"] = frozen_from
        return Run.model_validate_json(self._request("POST", "/api/runs", body))

    def runs(
        self,
        *,
        status: Sequence[Status] = (),
        prior: Sequence[str] = (),
        dataset: Sequence[str] = (),
        query: str = "",
        sort: SortKey = "-created_at",
        limit: int = 50,
        offset: int = 0,
    ) -> RunPage:
        """List runs, page by page."""
        return self._get(
            RunPage,
            "/api/runs",
            status=status,
            prior=prior,
            dataset=dataset,
            query=query,
            sort=sort,
            limit=limit,
            offset=offset,
        )

    def run(self, run_id: str) -> Run:
        """Show a run."""
        return self._get(Run, f"/api/runs/{run_id}")

    def rename_run(self, run_id: str, name: str) -> Run:
        """Give a run another name."""
        answer = self._request("PATCH", f"/api/runs/{run_id}", {"name": name})
        return Run.model_validate_json(answer)

    def delete_run(self, run_id: str) -> None:
        """Remove a run that is not running."""
        self._request("DELETE", f"/api/runs/{run_id}")

    def cancel_run(self, run_id: str) -> Run:
        """Stop a run soon, keeping what was trained."""
        return Run.model_validate_json(self._request("POST", f"/api/runs/{run_id}/cancel"))

    def resume_run(self, run_id: str) -> Run:
        """Let a run that was interrupted, cancelled or failed go on from where it stopped."""
        return Run.model_validate_json(self._request("POST", f"/api/runs/{run_id}/resume"))

    def history(self, run_id: str) -> History:
        """Return the ELBO and its terms, epoch by epoch."""
        return self._get(History, f"/api/runs/{run_id}/history")

    # Exploring

    def snapshots(self, run_id: str) -> list[int]:
        """Return the epochs that ``epoch=`` can show: that epoch, or the last one before it."""
        return self._get(SnapshotEpochs, f"/api/runs/{run_id}/snapshots").epochs

    def points(self, run_id: str, *, split: SplitName = "test", epoch: int | None = None) -> Points:
        """Return the posteriors of a split's images, now or at a stored epoch."""
        return self._get(Points, f"/api/runs/{run_id}/points", split=split, epoch=epoch)

    def plane(
        self, run_id: str, *, plane: str | None = None, at: Sequence[float] | None = None
    ) -> PlaneDetails:
        """Return a plane of a latent space of more than two dimensions.

        ``plane`` is “axes:1,3”, “pca:1,2” or “points:…;…;…”; ``at`` (L,) is where it goes through.
        """
        return self._get(PlaneDetails, f"/api/runs/{run_id}/plane", plane=plane, at=_joined(at))

    def overview(self, run_ids: Sequence[str], *, resolution: int = 64) -> list[Panel]:
        """Return what panels show first; runs without weights, or without a plane, are left out."""
        asked = {"run": list(run_ids), "resolution": resolution}
        return self._get(Overview, "/api/overview", **asked).panels

    def density(
        self,
        run_id: str,
        *,
        field: FieldName = "prior",
        resolution: int = 200,
        bounds: Sequence[float] | None = None,
        split: SplitName = "train",
        epoch: int | None = None,
        plane: str | None = None,
        at: Sequence[float] | None = None,
        reading: Reading | None = None,
    ) -> Density:
        """Return a field on a grid; bounds are z1_min, z1_max, z2_min, z2_max (a line: the first).

        In more than two dimensions, on a ``plane``, as for ``plane()``.
        """
        return self._get(
            Density,
            f"/api/runs/{run_id}/density",
            field=field,
            resolution=resolution,
            bounds=_joined(bounds),
            split=split,
            epoch=epoch,
            plane=plane,
            at=_joined(at),
            reading=reading,
        )

    def decode(
        self,
        run_id: str,
        z: Sequence[Sequence[float]],
        *,
        draws: int = 0,
        seed: int = 0,
        nearest: int = 1,
        reencode: bool = True,
    ) -> Decoded:
        """Decode points of the latent space."""
        body = {
            "z": [[float(value) for value in row] for row in z],
            "draws": draws,
            "seed": seed,
            "nearest": nearest,
            "reencode": reencode,
        }
        return Decoded.model_validate_json(
            self._request("POST", f"/api/runs/{run_id}/decode", body)
        )

    def encode(self, run_id: str, x: ArrayLike) -> Encoded:
        """Encode pictures (n, h, w[, 3]) of brightness 0..255, or vectors (n, D); decode them."""
        body = {"x": np.asarray(x, dtype=float).tolist()}
        return Encoded.model_validate_json(
            self._request("POST", f"/api/runs/{run_id}/encode", body)
        )

    def metrics(self, run_id: str) -> Metrics:
        """Return every figure of a run that has ended."""
        return TypeAdapter(Metrics).validate_json(
            self._request("GET", f"/api/runs/{run_id}/metrics")
        )

    def holes(
        self,
        run_id: str,
        *,
        tau: float = 10.0,
        epoch: int | None = None,
        plane: str | None = None,
        at: Sequence[float] | None = None,
    ) -> Holes:
        """Return the holes, ranked by the prior's mass; those of an epoch have no pictures.

        In more than two dimensions those that the marginals on a ``plane`` show.
        """
        path = f"/api/runs/{run_id}/holes"
        return self._get(Holes, path, tau=tau, epoch=epoch, plane=plane, at=_joined(at))

    def anatomy(self, run_id: str, *, epoch: int | None = None) -> AnatomyInfo:
        """Return what the prior is made of, now or at a stored epoch."""
        return self._get(AnatomyInfo, f"/api/runs/{run_id}/anatomy", epoch=epoch)

    def samples(self, run_id: str, *, n: int = 64, seed: int = 0) -> Samples:
        """Draw from the prior, and decode what was drawn."""
        return self._get(Samples, f"/api/runs/{run_id}/samples", n=n, seed=seed)

    def manifold(
        self,
        run_id: str,
        *,
        resolution: int = 24,
        bounds: Sequence[float] | None = None,
        plane: str | None = None,
        at: Sequence[float] | None = None,
    ) -> Manifold:
        """Decode the latent plane, or a plane of a larger space, on a grid into one picture."""
        return self._get(
            Manifold,
            f"/api/runs/{run_id}/manifold",
            resolution=resolution,
            bounds=_joined(bounds),
            plane=plane,
            at=_joined(at),
        )

    def export_run(self, run_id: str) -> bytes:
        """Return a run as a zip file: settings, history, weights, figures, points, densities."""
        return self._request("GET", f"/api/runs/{run_id}/export")

    def create_animation(
        self, frames: Sequence[bytes], *, milliseconds: int = 120, hold: int = 1500
    ) -> bytes:
        """Make an animated GIF of PNG files; the last one is shown ``hold`` longer."""
        encoded = [base64.b64encode(frame).decode("ascii") for frame in frames]
        body = {"frames": encoded, "milliseconds": milliseconds, "hold": hold}
        return self._request("POST", "/api/animations", body)

    # Events

    def events(
        self, run_id: str | None = None, *, last_event_id: int | None = None, retries: int = 5
    ) -> Iterator[Event]:
        """Yield events as they come: of one run until it has ended, or of all runs for ever.

        A lost connection is opened again, up to ``retries`` times in a row, and goes on where it
        was lost. For one run the stream begins with the run, for all of them with now.
        """
        path = "/api/events" if run_id is None else f"/api/runs/{run_id}/events"
        return self._events(path, last_event_id, retries)


def _joined(numbers: Sequence[float] | None) -> str | None:
    return None if numbers is None else ",".join(repr(float(number)) for number in numbers)

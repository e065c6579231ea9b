"""Uploads: files on their way to become data sets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from backend.api.dependencies import Importing, Uploading
from backend.api.problems import problems
from backend.dataset_schemas import Preview, Upload
from models.data.options import ImportOptions

router = APIRouter(prefix="/uploads", tags=["data sets"])

UploadId = Annotated[str, Path(description="The upload's id.")]

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("", status_code=201, openapi_extra=_BODY, responses=problems(413, 415, 422, 429, 507))
async def create_upload(
    request: Request,
    uploads: Uploading,
    filename: Annotated[
        str, Query(min_length=1, max_length=255, description="What the file is called.")
    ],
) -> Upload:
    """Send a file, as it is, in the body. It waits for a day to become a data set."""
    said = request.headers.get("content-length", "")
    size = int(said) if said.isdigit() else None
    return await uploads.receive(filename, request.stream(), size)


@router.post("/{upload_id}/preview", responses=problems(404, 422))
def preview_upload(upload_id: UploadId, body: ImportOptions, imports: Importing) -> Preview:
    """Say what the upload would become with these options, from a look at some rows."""
    return imports.preview(upload_id, body)


@router.delete("/{upload_id}", status_code=204, responses=problems(404, 409))
def delete_upload(upload_id: UploadId, imports: Importing) -> None:
    """Remove an upload that does not become a data set after all."""
    imports.delete_upload(upload_id)

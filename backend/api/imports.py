"""Imports: data sets that are being made."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from backend.api.dependencies import Importing
from backend.api.problems import problems
from backend.dataset_schemas import Import

router = APIRouter(prefix="/imports", tags=["data sets"])

ImportId = Annotated[str, Path(description="The import's id.")]


@router.get("")
def list_imports(imports: Importing) -> list[Import]:
    """List the last imports, the newest first. They are remembered when the server is stopped."""
    return imports.all()


@router.get("/{import_id}", responses=problems(404))
def show_import(import_id: ImportId, imports: Importing) -> Import:
    """Say how far an import is, and how it ended."""
    return imports.get(import_id)


@router.post("/{import_id}/cancel", responses=problems(404, 409))
def cancel_import(import_id: ImportId, imports: Importing) -> Import:
    """Stop an import; nothing of it stays. An upload that it was made from stays."""
    return imports.cancel(import_id)

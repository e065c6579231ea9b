"""Whether the server is well."""

from fastapi import APIRouter

from backend import __version__
from backend.schemas import Health

router = APIRouter(tags=["server"])


@router.get("/health")
async def health() -> Health:
    """Say that the server answers, and which version it is."""
    return Health(version=__version__)

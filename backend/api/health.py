"""Whether the server is well, and what it is doing."""

from fastapi import APIRouter, Request, Response

from backend.access import Access
from backend.api.dependencies import Chosen, Jobs, Store, Tail
from backend.readiness import examine
from backend.server_schemas import Alive, Health
from backend.telemetry import Requests

router = APIRouter(tags=["server"])


@router.get("/alive")
async def alive() -> Alive:
    """Say that the server answers. The only address that asks for no token."""
    return Alive()


@router.get("/health")
def health(request: Request, settings: Chosen, store: Store, jobs: Jobs, tail: Tail) -> Health:
    """Say whether database, disk and workers do what they should, and which version this is."""
    access: Access = request.app.state.access
    return examine(settings, store, jobs, tail, token=access.token is not None)


def metrics(request: Request) -> Response:
    """Return the figures of the running server, as Prometheus collects them."""
    requests: Requests = request.app.state.requests
    return Response(requests.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

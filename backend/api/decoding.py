"""Decoding, and the picture under a pointer, which is decoded again and again."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from backend.api.dependencies import ExistingRun, Exploring
from backend.api.packing import PlainJson
from backend.api.problems import problems
from backend.api.shared_route import SharedRoute
from backend.explore import Explorer
from backend.explore_schemas import Decoded, DecodeRequest
from backend.storage import RunStore

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_MOST_BYTES = 4096  # of a body that asks for a single place


class DecodingRoute(SharedRoute):
    """A route that answers at once where the work takes no time.

    To wait for a turn, to resolve dependencies and to change threads takes longer than to decode a
    single place by a network that is in memory. All else, and what cannot be read, goes that way.
    """

    def get_route_handler(self) -> _Handler:
        """Return what answers requests to this route."""
        return partial(_at_once, super().get_route_handler())


async def _at_once(handle: _Handler, request: Request) -> Response:
    brief = None
    if request.headers.get("content-type") == "application/json":
        brief = _briefly(request, await request.body())
    return brief or await handle(request)


def _briefly(request: Request, body: bytes) -> Response | None:
    """Return the answer, if it is known that it takes no time.

    Raises:
        InvalidRequestError: the place is of another space.
    """
    if len(body) > _MOST_BYTES:
        return None
    store: RunStore = request.app.state.store
    explorer: Explorer = request.app.state.explorer
    run = store.at_hand(request.path_params["run_id"])
    if run is None:
        return None
    try:
        asked = DecodeRequest.model_validate_json(body)
    except ValidationError:
        return None
    if not explorer.decodes_briefly(run, asked):
        return None
    return PlainJson(explorer.decode(run, asked).model_dump_json())


router = APIRouter(prefix="/runs/{run_id}", tags=["explore"], route_class=DecodingRoute)


@router.post("/decode", responses=problems(404, 409, 422))
def decode(run: ExistingRun, explorer: Exploring, body: DecodeRequest) -> Decoded:
    """Decode points of the latent space into expected pictures, and draw pictures there."""
    return explorer.decode(run, body)

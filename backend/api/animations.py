"""Animations of what the page shows."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from backend.animation import animate
from backend.api.dependencies import Chosen
from backend.api.problems import problems
from backend.api.shared_route import AnimationRoute
from backend.schemas import AnimationRequest

router = APIRouter(tags=["animations"], route_class=AnimationRoute)

_GIF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/gif": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post("/animations", response_class=Response, responses={**_GIF, **problems(413, 422)})
def create_animation(body: AnimationRequest, settings: Chosen) -> Response:
    """Make an animated GIF of pictures, with one palette for all of them."""
    return Response(animate(body, settings), media_type="image/gif")

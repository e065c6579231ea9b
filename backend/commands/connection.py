"""The way from a command to a server."""

from __future__ import annotations

from backend.client import PriorscopeClient
from backend.settings import Settings


def connect(server: str) -> PriorscopeClient:
    """Return a client of the server at that address, with the token of the environment."""
    return PriorscopeClient(server, Settings().token)

"""The way from a command to a server."""

from __future__ import annotations

import os

from backend.client import PriorscopeClient


def connect(server: str) -> PriorscopeClient:
    """Return a client of the server at that address, with the token of the environment."""
    return PriorscopeClient(server, os.environ.get("PRIORSCOPE_TOKEN"))

"""The way from a command to a server."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from backend.client import PriorscopeClient, ProblemError, ServerUnreachableError
from backend.errors import PriorscopeError


@contextlib.contextmanager
def connect(server: str) -> Iterator[PriorscopeClient]:
    """Yield a client of the server at that address, with the token of the environment.

    Raises:
        PriorscopeError: in the block, where the server refuses or cannot be reached.
    """
    try:
        with PriorscopeClient(server, os.environ.get("PRIORSCOPE_TOKEN")) as client:
            yield client
    except (ProblemError, ServerUnreachableError) as error:
        raise PriorscopeError(str(error)) from error

"""What comes through a socket."""

from __future__ import annotations

import contextlib
import socket


def rest(sock: socket.socket) -> bytes:
    """Everything that still comes, until the server closes the connection."""
    received = b""
    # What comes after a refusal resets the connection, behind the answer.
    with contextlib.suppress(ConnectionResetError):
        while part := sock.recv(65_536):
            received += part
    return received

"""Who may use the server: its token, the names it answers to, and the pages that may ask it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from backend.settings import Settings

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\s:\[\]]+))(?::\d{1,5})?", re.IGNORECASE)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Access:
    """What decides whether a request is let in. Nothing here knows of sockets or responses."""

    token: str | None
    """What requests have to show; None where everyone on this computer may come in."""
    made_up: bool
    """Whether the token was drawn at this start, for none was set."""
    local: bool
    """Whether the server listens on this computer alone."""
    names: frozenset[str]
    """Host names that it answers to, in lower case."""

    @classmethod
    def of(cls, settings: Settings) -> Access:
        """Follow the settings; an address that others can reach gets a token in any case."""
        local = _is_loopback(settings.host)
        made_up = settings.token is None and not local
        names = {"localhost", *settings.host_names}
        if not local:
            names |= {settings.host.lower(), socket.gethostname().lower()}
        token = secrets.token_urlsafe(24) if made_up else settings.token
        return cls(token=token, made_up=made_up, local=local, names=frozenset(names))

    def answers_to(self, host: str) -> bool:
        """Return whether a Host header names this server.

        A page of another site can make its own name point here (DNS rebinding); its requests then
        carry that name. A numeric address can't be made to point anywhere, so that, where others
        may come at all, any of them will do: inside a container, nobody knows the outer one.
        """
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = (match[1] or match[2]).lower().removesuffix(".")
        if name in self.names:
            return True
        try:
            return ip_address(name).is_loopback or not self.local
        except ValueError:
            return False

    def admits(self, token: str) -> bool:
        """Return whether the token is right, taking as long for any wrong one."""
        return self._same(token, self.token)

    @property
    def seal(self) -> str:
        """What the cookie holds: it follows from the token, but does not give it away."""
        key = (self.token or "").encode()
        return hmac.new(key, b"priorscope cookie", hashlib.sha256).hexdigest()

    def admits_seal(self, seal: str) -> bool:
        """Return whether the cookie's content is right, taking as long for any wrong one."""
        return self._same(seal, self.seal)

    def _same(self, given: str, wanted: str | None) -> bool:
        if self.token is None or wanted is None:
            return True
        return hmac.compare_digest(given.encode(), wanted.encode())


def comes_from_elsewhere(method: str, headers: Mapping[str, str]) -> bool:
    """Return whether a page of another site, or of another port, is behind a request.

    Browsers say so by ``Sec-Fetch-Site``, to addresses that they trust (HTTPS and this computer),
    and by ``Origin`` to all. Programs send neither. Links from elsewhere may lead to the page; to
    be embedded, read or posted to from elsewhere is not what anything here is for.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none") and not _is_link(method, headers)
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2].lower() != headers["host"].lower()


def _is_link(method: str, headers: Mapping[str, str]) -> bool:
    return (
        method in _SAFE_METHODS
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"

"""Headers that keep browsers from doing with the answers what nothing here is meant for."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

_STRICT = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


def _policy(**sources: str) -> str:
    named = {directive.replace("_", "-"): allowed for directive, allowed in sources.items()}
    return "; ".join(f"{directive} {allowed}" for directive, allowed in (_STRICT | named).items())


_PLOTLY_STYLES = (
    # Plotly.js adds two style elements: an empty one, which it fills rule by rule, and MapLibre's,
    # which the page has no use for and would only complain about.
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
    "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='"
)

PAGE_POLICY = _policy(
    script_src="'self'",
    style_src="'self'",
    style_src_elem=f"'self' {_PLOTLY_STYLES}",
    # Plotly.js sets the style attribute of parts of its texts: italics, colours, small print.
    style_src_attr="'unsafe-inline'",
    # Pictures are drawn here; a figure on its way to a file is one as well.
    img_src="'self' data: blob:",
    connect_src="'self'",
)

NOTHING_POLICY = _policy()
"""For answers that are no pages."""

HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With no-referrer, browsers would not say either where a form was sent from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""For every answer."""


def self_contained_policy(*, style: str, script: str | None = None, form: bool = False) -> str:
    """Return the policy of a page whose only style and script elements hold exactly these."""
    sources = {"style_src": _hashed(style), "img_src": "data:"}
    if script is not None:
        sources["script_src"] = _hashed(script)
    if form:
        sources["form_action"] = "'self'"
    return _policy(**sources)


def _hashed(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"

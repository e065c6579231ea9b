"""The page that asks for the token, and the way back from it."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from backend.access import Access
from backend.content_policy import self_contained_policy

FORM = "application/x-www-form-urlencoded"
_PARAMETER = "token"
_MOST_BYTES = 4096
_COOKIE_SECONDS = 30 * 24 * 3600

_STYLE = """
:root { color-scheme: light dark; --ground: #fbfbfa; --ink: #1b1c1e;
  --rule: #8c9097; --accent: #1d57b5; --on-accent: #fff; --problem: #a3230f; }
@media (prefers-color-scheme: dark) { :root { --ground: #131416; --ink: #ececea;
  --rule: #6d7178; --accent: #7fb0f5; --on-accent: #10131a; --problem: #ff9a85; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 24px;
  background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 26rem; }
h1 { font-size: 20px; margin: 0 0 8px; }
p { margin: 0 0 16px; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
label { display: block; font-weight: 600; margin-bottom: 4px; }
input, button { font: inherit; width: 100%; padding: 8px 12px; border-radius: 3px; }
input { border: 1px solid var(--rule); background: none; color: inherit; margin-bottom: 16px; }
button { border: 0; background: var(--accent); color: var(--on-accent); font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.problem { color: var(--problem); font-weight: 600; }
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Priorscope: sign in</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main>
<h1>Priorscope</h1>
<p>This server asks for its token. Where it was started it printed its address, and the address ends
with the token: open that, or enter here what follows <code>?token=</code>. Where
<code>PRIORSCOPE_TOKEN</code> was set, enter that.</p>
{problem}<form method="post">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Sign in</button>
</form>
</main>
{script}</body>
</html>
"""
_WRONG = '<p class="problem" role="alert">That is not the token of this server.</p>\n'
# Who follows a link from another site comes without the cookie, for it is strict; who comes from
# this page brings it. So it is loaded once more, which keeps what follows the # in the address.
_AGAIN = """
const [visit] = performance.getEntriesByType('navigation');
if (visit.type === 'navigate') location.reload();
"""


def page(*, wrong: bool = False) -> Response:
    """Return the page with the form."""
    script = None if wrong else _AGAIN
    content = _PAGE.format(
        style=_STYLE,
        problem=_WRONG if wrong else "",
        script="" if script is None else f"<script>{script}</script>\n",
    )
    policy = self_contained_policy(style=_STYLE, script=script, form=True)
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return HTMLResponse(content, 401, headers)


def shown_token(request: Request) -> str | None:
    """Return the token in the address, if there is one."""
    return request.query_params.get(_PARAMETER)


async def entered_token(request: Request) -> str:
    """Return what was entered into the form; nothing if that is longer than any token."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return ""
    return dict(parse_qsl(body.decode("latin-1"))).get(_PARAMETER, "").strip()


def let_in(request: Request, access: Access) -> Response:
    """Give the browser the cookie, and lead it to the same address without the token.

    What follows the # in an address is never sent; browsers carry it over by themselves.
    """
    response = without_token(request)
    response.set_cookie(
        cookie_name(request),
        access.seal,
        max_age=_COOKIE_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def without_token(request: Request) -> Response:
    """Lead to the same address without the token."""
    rest = [
        (name, value) for name, value in request.query_params.multi_items() if name != _PARAMETER
    ]
    # Two slashes at the start would lead to another host.
    path = "/" + quote(request.url.path.lstrip("/\\"))
    return RedirectResponse(
        f"{path}?{urlencode(rest)}" if rest else path, 303, {"Cache-Control": "no-store"}
    )


def cookie_name(request: Request) -> str:
    """Return a name of its own for each port, for cookies are sent to all ports of a host."""
    _, _, port = request.headers.get("host", "").rpartition(":")
    return f"priorscope-{port}" if port.isdigit() else "priorscope"

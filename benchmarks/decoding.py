"""Decoding one z over HTTP, densities included, against plain Gradio and Dash apps."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from backend.checkpoints import Checkpoints
from backend.client import PriorscopeClient
from benchmarks.connection import Connection, Latencies, joined, latencies, together
from benchmarks.result import Result
from benchmarks.served import running, train

_TIMES = 500
_PEERS = 300  # requests to each of the others, which are slower, and to ours beside them
_ROUNDS = 5
_Click = Callable[[int], object]
PYTHON = Path(__file__).parent.parent / ".venv-bench" / "bin" / "python"
"""Has Gradio and Dash, which `make bench` installs apart"""


def run() -> list[Result]:
    """Measure milliseconds until the picture and its densities are there."""
    with (
        tempfile.TemporaryDirectory() as name,
        running(folder := Path(name)) as (_, url),
        PriorscopeClient(url) as client,
    ):
        (run,) = train(client, kinds=["mog"])
        weights = Checkpoints(folder / "data" / "runs").load(run.id)[1]
        torch.save(weights, folder / "weights.pt")
        (folder / "config.json").write_text(run.config.model_dump_json())
        path = f"/api/runs/{run.id}/decode"
        alone = latencies(_asking(url, path), _TIMES)
        both = together([_asking(url, path), _asking(url, path)], _TIMES)
        size = Connection(url).post(path, _body(0)).bytes
        with _peers(folder) as peers:
            beside, taken = _in_turn(_asking(url, path), peers)
    results = [
        Result("decode one z over HTTP, p50", alone.quantile(0.5), "ms"),
        Result("decode one z over HTTP, p99", alone.quantile(0.99), "ms"),
        Result("decode one z over HTTP, one client", alone.per_second, "requests/s"),
        Result("decode one z over HTTP, two clients, p50", both.quantile(0.5), "ms"),
        Result("decode one z over HTTP, two clients, p99", both.quantile(0.99), "ms"),
        Result("decode one z over HTTP, two clients", both.per_second, "requests/s"),
        Result("decode one z over HTTP, bytes on the wire", size / 1e3, "kB"),
    ]
    for name, theirs in taken.items():
        for share in (50, 99):
            value, baseline = (one.quantile(share / 100) for one in (beside, theirs))
            what = f"decode one z over HTTP, p{share}, against {name}"
            results.append(Result(what, value, "ms", baseline, name))
    return results


def _asking(url: str, path: str) -> _Click:
    connection = Connection(url)
    return lambda number: connection.post(path, _body(number))


def _body(number: int) -> str:
    return json.dumps({"z": [[0.01 * (number % 200) - 1.0, 0.5]], "nearest": 0, "reencode": False})


@contextlib.contextmanager
def _peers(folder: Path) -> Iterator[dict[str, _Click]]:
    """Run the other apps until the block ends; yield what clicks in each."""
    if not PYTHON.exists():
        raise SystemExit("Gradio and Dash are not installed; `make bench` does that first.")
    with _peer("gradio_app", folder) as gradio, _peer("dash_app", folder) as dash:
        yield {
            "a plain Gradio app": _clicking_gradio(gradio, "decode", queued=True),
            "a Gradio app without its queue": _clicking_gradio(
                gradio, "decode_unqueued", queued=False
            ),
            "a plain Dash app": _clicking_dash(dash),
        }


def _in_turn(ours: _Click, peers: dict[str, _Click]) -> tuple[Latencies, dict[str, Latencies]]:
    """Measure all of them one after the other, again and again: a machine changes its pace."""
    rounds = [
        [latencies(click, _PEERS // _ROUNDS) for click in (ours, *peers.values())]
        for _ in range(_ROUNDS)
    ]
    beside, *theirs = (joined(parts) for parts in zip(*rounds, strict=True))
    return beside, dict(zip(peers, theirs, strict=True))


@contextlib.contextmanager
def _peer(module: str, folder: Path) -> Iterator[str]:
    """Run one of the apps until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [PYTHON, "-m", f"benchmarks.peers.{module}", str(folder), str(port)],
        cwd=Path(__file__).parent.parent,
        env=os.environ | {"PYTHONPATH": "."},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            Connection(url).get("/")
            return
        time.sleep(0.2)
    raise SystemExit(f"{process.args!r} did not start.")


def _clicking_gradio(url: str, name: str, *, queued: bool) -> _Click:
    """Return what asks as Gradio's page does: for the answer, then for the picture it names."""
    connection = Connection(url)
    functions = json.loads(connection.get("/config").body)["dependencies"]
    (index,) = (one["id"] for one in functions if one["api_name"] == name)
    picked = [one["targets"][0][0] for one in functions if one["api_name"] == name]

    def click(number: int) -> None:
        event = {"index": [60 + number % 100, 90], "value": None}
        call = {"data": [], "event_data": event, "fn_index": index, "trigger_id": picked[0]}
        session = f"session{number}"
        body = json.dumps(call | {"session_hash": session})
        if queued:
            connection.post("/gradio_api/queue/join", body)
            stream = connection.get(f"/gradio_api/queue/data?session_hash={session}").body
            events = [json.loads(line[5:]) for line in stream.splitlines() if line[:5] == b"data:"]
            (output,) = (one["output"] for one in events if one["msg"] == "process_completed")
        else:
            output = json.loads(connection.post(f"/gradio_api/run/{name}", body).body)
        picture = output["data"][0]["url"]
        connection.get(picture.removeprefix(url))

    return click


def _clicking_dash(url: str) -> _Click:
    """Return what asks as Dash's page does."""
    connection = Connection(url)
    outputs = [("picture", "figure"), ("densities", "children")]
    call = {
        "output": "..picture.figure...densities.children..",
        "outputs": [{"id": name, "property": field} for name, field in outputs],
        "changedPropIds": ["plane.clickData"],
    }

    def click(number: int) -> None:
        clicked = {"points": [{"x": 0.01 * (number % 200) - 1.0, "y": 0.5}]}
        inputs = [{"id": "plane", "property": "clickData", "value": clicked}]
        connection.post("/_dash-update-component", json.dumps(call | {"inputs": inputs}))

    return click

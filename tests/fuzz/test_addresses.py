"""What stands in addresses and bodies of questions about runs, sent to a server."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.commands.run_options import configure
from backend.commands.training import train_here
from backend.settings import Settings
from tests.conftest import Serve
from tests.fuzz.guard import fuzzing, guarded
from tests.fuzz.mutation import hostile

SMALL = ["network.hidden=[4]", "training.warmup_epochs=0", "prior.num_components=2"]


class Served:
    """A server with finished runs of one, two and four latent dimensions."""

    def __init__(self, http: httpx.Client, runs: list[str]) -> None:
        self.http = http
        self.runs = runs

    def check(self, response: httpx.Response) -> None:
        """Answers are what the interface promises, or problems in words."""
        assert response.status_code in (200, 304, 400, 404, 409, 413, 415, 422), response.text
        if response.status_code >= 400:
            assert response.headers["content-type"] == "application/problem+json"
            assert len(response.json()["detail"]) > 5


@pytest.fixture(scope="module")
def served(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Served:
    settings = Settings(data_dir=tmp_path_factory.mktemp("addresses") / "data")
    runs = []
    for dims in (1, 2, 4):
        run = configure("mog", "iris", 1, 0, [*SMALL, f"latent_dim={dims}"])
        runs.append(train_here(settings, run).id)
    server = serve(settings.data_dir, workers=1, max_resolution=32, max_points=64)
    # No example waits for what it imports yet.
    server.client.health()
    return Served(server.client.http, runs)


numbers = st.one_of(
    st.sampled_from(["0", "1", "-1", "2", "1e5", "1e308", "1e999", "nan", "inf", "-0", "1_0", "٣"]),
    st.sampled_from(["", " 1", "0x1", "1" * 5000, "1.5", "1e-400", "+1", "1\0", "²", "10", "16"]),
    st.floats().map(str),
    st.integers().map(str),
)
joined = st.builds(
    lambda parts, by: by.join(parts),
    st.lists(numbers, max_size=6),
    st.sampled_from([",", ";", ", ", ":", ",,"]),
)
planes = st.one_of(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["axes", "pca", "points", "AXES", ""]),
        st.sampled_from([":", "", "::"]),
        joined,
    ),
    st.lists(st.lists(numbers, min_size=4, max_size=4).map(",".join), max_size=4).map(
        lambda points: "points:" + ";".join(points)
    ),
)
values = st.one_of(numbers, joined, planes, st.text(max_size=10))
names = st.sampled_from(
    [
        *("plane", "at", "bounds", "resolution", "tau", "epoch", "split", "field", "reading", "n"),
        *("seed", "run", "index"),
    ]
)
usual = st.sampled_from(
    [
        *({}, {"plane": "pca", "reading": "slice"}, {"field": "log_ratio", "resolution": "8"}),
        *({"plane": "axes:1,3"}, {"bounds": "-1,1,-1,1"}, {"reading": "marginal"}),
    ]
)
routes = st.sampled_from(
    [
        *("plane", "snapshots", "points", "density", "metrics", "holes", "anatomy", "samples"),
        *("manifold", "history"),
    ]
)


@fuzzing
@given(
    route=routes,
    number=st.integers(0, 2),
    asked=usual,
    hostile_ones=st.lists(st.tuples(names, values), min_size=1, max_size=3),
)
def test_questions(
    served: Served,
    route: str,
    number: int,
    asked: dict[str, str],
    hostile_ones: list[tuple[str, str]],
) -> None:
    # A density on 200 x 200 cells is of no interest here.
    parameters = {"resolution": "8"} | asked | dict(hostile_ones)
    query = [(name, value.encode("utf-8", "replace")) for name, value in parameters.items()]
    with guarded():
        run = served.runs[number]
        served.check(served.http.get(f"/api/runs/{run}/{route}", params=query))


@fuzzing
@given(
    path=st.sampled_from(
        ["/api/runs", "/api/overview", "/api/datasets/iris/images", "/api/datasets"]
    ),
    query=st.lists(
        st.tuples(names | st.sampled_from(["status", "sort", "limit", "offset", "search"]), values),
        max_size=4,
    ),
)
def test_lists(served: Served, path: str, query: list[tuple[str, str]]) -> None:
    asked = [(name, value.encode("utf-8", "replace")) for name, value in query]
    with guarded():
        served.check(served.http.get(path, params=asked))


POINTS = [json.dumps({"z": [[0.5] * dims] * 2, "draws": 1}).encode() for dims in (1, 2, 4)]
IMAGES = [json.dumps({"x": [[5.1, 3.5, 1.4, 0.2]]}).encode()]


@fuzzing
@given(
    kind=st.sampled_from(["decode", "encode"]),
    number=st.integers(0, 2),
    body=hostile(*POINTS, *IMAGES, magic=b'{"z": ')
    | st.sampled_from([b'{"z": ' + b"[" * 50_000, b'{"z": [[' + b"1" * 5000 + b"]]}"]),
)
def test_bodies(served: Served, kind: str, number: int, body: bytes) -> None:
    with guarded():
        answer = served.http.post(
            f"/api/runs/{served.runs[number]}/{kind}",
            content=body,
            headers={"Content-Type": "application/json"},
        )
        served.check(answer)

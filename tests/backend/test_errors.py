"""What goes wrong is said in words, with the right status, and never with a 500."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.app import create_app
from backend.client import PriorscopeClient, ProblemError
from backend.schemas import Run
from backend.server_schemas import Problem
from models.priors import PRIORS

if TYPE_CHECKING:
    from tests.conftest import ServerProcess


def refusal(response: httpx.Response) -> Problem:
    """Check that the response is a proper problem, and return it."""
    assert response.headers["content-type"] == "application/problem+json"

    def no_constants(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    json.loads(response.content, parse_constant=no_constants)
    problem = Problem.model_validate_json(response.content)
    assert problem.status == response.status_code
    assert problem.type.startswith("urn:priorscope:problem:")
    assert len(problem.detail) > 10
    return problem


def raw(client: PriorscopeClient, method: str, path: str, content: str) -> httpx.Response:
    return client.http.request(
        method, path, content=content, headers={"Content-Type": "application/json"}
    )


# (body, field at fault, what its message says)
BAD_RUNS: list[tuple[str, str, str]] = [
    ("", "", "A JSON body is required"),
    ("{", "", "not valid JSON"),
    ("[]", "", "object"),
    ("null", "", ""),
    ('"run"', "", "object"),
    ("{}", "prior", "required"),
    ('{"prior": null}', "prior", ""),
    ('{"prior": "mog"}', "prior", "object"),
    ('{"prior": {}}', "prior", "'vampprior'"),
    ('{"prior": {"kind": "vamp"}}', "prior", "'vampprior'"),
    ('{"prior": {"kind": ["mog"]}}', "prior", "'vampprior'"),
    ('{"prior": {"kind": "mog", "num_component": 3}}', "prior.num_component", "num_components"),
    ('{"prior": {"kind": "mog", "mog": 3}}', "prior.mog", "There is no such field"),
    ('{"prior": {"kind": "mog", "num_components": 0}}', "prior.num_components", "got 0"),
    ('{"prior": {"kind": "mog", "num_components": 1e9}}', "prior.num_components", "got 1000000000"),
    ('{"prior": {"kind": "mog", "num_components": NaN}}', "prior.num_components", "finite"),
    ('{"prior": {"kind": "mog", "num_components": "many"}}', "prior.num_components", "integer"),
    ('{"prior": {"kind": "mog"}, "dataset": "mnist"}', "dataset", "Known data sets: digits"),
    ('{"prior": {"kind": "mog"}, "latent_dim": 0}', "latent_dim", "greater"),
    ('{"prior": {"kind": "mog"}, "colour": "red"}', "colour", "There is no such field"),
    (
        '{"prior": {"kind": "mog"}, "training": {"learning_rate": NaN}}',
        "training.learning_rate",
        "",
    ),
    (
        '{"prior": {"kind": "mog"}, "training": {"learning_rate": Infinity}}',
        "training.learning_rate",
        "",
    ),
    (
        '{"prior": {"kind": "mog"}, "training": {"learning_rate": 1e999}}',
        "training.learning_rate",
        "",
    ),
    ('{"prior": {"kind": "mog"}, "training": {"epochs": -1}}', "training.epochs", "greater"),
    ('{"prior": {"kind": "mog"}, "network": {"hidden": []}}', "network.hidden", "at least 1"),
    ('{"prior": {"kind": "mog"}, "split": {"kind": "random"}}', "split", "'stratified'"),
    ('{"prior": {"kind": "mog"}, "name": "   "}', "name", "at least 1"),
    (json.dumps({"prior": {"kind": "mog"}, "name": "x" * 121}), "name", "at most 120"),
]


@pytest.mark.parametrize(("body", "field", "message"), BAD_RUNS)
def test_a_bad_run_is_refused(
    client: PriorscopeClient, body: str, field: str, message: str
) -> None:
    response = raw(client, "POST", "/api/runs", body)
    assert response.status_code == 422
    problem = refusal(response)
    assert problem.errors is not None
    assert field in [error.field for error in problem.errors]
    (found,) = [error.message for error in problem.errors if error.field == field]
    assert message in found
    assert found in problem.detail


@pytest.mark.parametrize("content", [b"\xff", b"[" * 100_000, b"1" * 5000, b'"\\ud800"'])
def test_what_no_parser_can_read_is_refused(client: PriorscopeClient, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = client.http.post("/api/runs", content=content, headers=headers)
    assert response.status_code == 422
    assert refusal(response).errors


def test_a_body_that_is_not_sent_as_json_is_refused(client: PriorscopeClient) -> None:
    """A page of another origin can only send such bodies without being asked first."""
    headers = {"Content-Type": "text/plain"}
    content = '{"prior": {"kind": "mog"}}'
    response = client.http.post("/api/runs", content=content, headers=headers)
    assert response.status_code == 415
    assert "application/json" in refusal(response).detail


_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["z", "draws", "seed", "kind", "prior", "name"]), inner)
    ),
    max_leaves=8,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=_json)
def test_whatever_is_sent_is_answered(client: PriorscopeClient, run: Run, body: Any) -> None:
    # A dimension of 0 makes sure that no run is really created.
    wrong = body | {"latent_dim": 0} if isinstance(body, dict) else body
    assert refusal(raw(client, "POST", "/api/runs", json.dumps(wrong))).status == 422
    response = raw(client, "POST", f"/api/runs/{run.id}/decode", json.dumps(body))
    if response.status_code != 200:
        assert refusal(response).status == 422
    response = raw(client, "PATCH", "/api/runs/none", json.dumps(body))
    assert refusal(response).status in (404, 422)


def test_all_faults_are_named_at_once(client: PriorscopeClient) -> None:
    body = '{"prior": {"kind": "mog", "num_components": 0}, "latent_dim": 0, "colour": 1}'
    problem = refusal(raw(client, "POST", "/api/runs", body))
    fields = {error.field for error in problem.errors or []}
    assert fields == {"prior.num_components", "latent_dim", "colour"}


BAD_DECODES: list[tuple[str, str, str]] = [
    ('{"z": []}', "z", "at least 1"),
    ('{"z": [[]]}', "z.0", "0 coordinates"),
    ('{"z": [[0, 0], [0]]}', "z.1", "1 coordinates"),
    ('{"z": [[0, 0, 0]]}', "z.0", "2 dimensions"),
    ('{"z": [[0, NaN]]}', "z.0.1", "finite"),
    ('{"z": [[0, -Infinity]]}', "z.0.1", "finite"),
    ('{"z": [[0, 1e999]]}', "z.0.1", "finite"),
    ('{"z": [[0, 1e7]]}', "z.0.1", "1000000"),
    ('{"z": [0, 0]}', "z.0", "list"),
    ('{"z": "0, 0"}', "z", "list"),
    ('{"z": [[0, 0]], "draws": -1}', "draws", "greater"),
    ('{"z": [[0, 0]], "draws": 257}', "draws", "256"),
    ('{"z": [[0, 0]], "seed": -1}', "seed", "greater"),
    ('{"z": [[0, 0]], "zoom": 1}', "zoom", "no such field"),
    (json.dumps({"z": [[0, 0]] * 4097}), "z", "4097 points are over the limit of 4096"),
    (json.dumps({"z": [[0, 0]] * 4096, "draws": 17}), "draws", "69632 pictures"),
]


@pytest.mark.parametrize(
    ("body", "field", "message"), BAD_DECODES, ids=[body[:40] for body, _, _ in BAD_DECODES]
)
def test_a_bad_decode_is_refused(
    client: PriorscopeClient, run: Run, body: str, field: str, message: str
) -> None:
    response = raw(client, "POST", f"/api/runs/{run.id}/decode", body)
    assert response.status_code == 422
    error, *_ = refusal(response).errors or []
    assert error.field == field
    assert message in error.message


def test_as_many_points_as_allowed_are_decoded(client: PriorscopeClient, run: Run) -> None:
    assert client.decode(run.id, [[0.0, 0.0]] * 4096).images.shape == (4096, 8, 8)


BAD_QUERIES: list[tuple[str, str, str]] = [
    ("/api/runs/{run}/density?resolution=7", "resolution", "8"),
    ("/api/runs/{run}/density?resolution=513", "resolution", "over the limit of 512"),
    ("/api/runs/{run}/density?resolution=99999", "resolution", "4096"),
    ("/api/runs/{run}/density?resolution=fine", "resolution", "integer"),
    ("/api/runs/{run}/density?bounds=1,-1,0,1", "bounds", "reversed"),
    ("/api/runs/{run}/density?bounds=0,1,1,1", "bounds", "reversed"),
    ("/api/runs/{run}/density?bounds=0,1,0", "bounds", "There are 3 numbers"),
    ("/api/runs/{run}/density?bounds=0,1,0,nan", "bounds", "finite numbers"),
    ("/api/runs/{run}/density?bounds=0,1,0,inf", "bounds", "finite numbers"),
    ("/api/runs/{run}/density?bounds=0,1,0,2e6", "bounds", "finite numbers"),
    ("/api/runs/{run}/density?bounds=", "bounds", "finite numbers"),
    ("/api/runs/{run}/density?field=posterior", "field", "prior"),
    ("/api/runs/{run}/points?epoch=-1", "epoch", "greater"),
    ("/api/runs/{run}/anatomy?epoch=last", "epoch", "integer"),
    ("/api/runs/{run}/points?split=all", "split", "'test'"),
    ("/api/runs/{run}/samples?n=0", "n", "greater"),
    ("/api/runs/{run}/samples?n=4097", "n", "over the limit of 4096"),
    ("/api/runs/{run}/samples?seed=-1", "seed", "greater"),
    ("/api/runs/{run}/samples?seed=99999999999999999999999", "seed", ""),
    ("/api/runs/{run}/manifold?resolution=0", "resolution", "greater"),
    ("/api/runs/{run}/manifold?resolution=65", "resolution", "ask for at most 64"),
    ("/api/runs/{run}/manifold?bounds=1,0,0,1", "bounds", "reversed"),
    ("/api/runs?limit=0", "limit", "greater"),
    ("/api/runs?offset=99999999999999999999", "offset", "less"),
    ("/api/runs?sort=colour", "sort", "'created_at'"),
    ("/api/runs?status=dead", "status.0", "'queued'"),
    ("/api/datasets/digits/images?split=other", "split", "'train'"),
    ("/api/datasets/digits/images?index=1797", "index", "1797 rows"),
    ("/api/datasets/digits/images?split=test&index=447", "index", "447 rows"),
    ("/api/datasets/digits/images?index=-1", "index", ""),
    ("/api/datasets/digits/images?index=one", "index", ""),
]


@pytest.mark.parametrize(("path", "field", "message"), BAD_QUERIES)
def test_a_bad_query_is_refused(
    client: PriorscopeClient, run: Run, path: str, field: str, message: str
) -> None:
    response = client.http.get(path.format(run=run.id))
    assert response.status_code == 422
    (error,) = refusal(response).errors or []
    assert error.field == field
    assert message in error.message


@pytest.mark.parametrize(
    ("header", "field"), [("yesterday", "last-event-id"), ("-1", "last-event-id")]
)
def test_a_bad_event_number_is_refused(client: PriorscopeClient, header: str, field: str) -> None:
    response = client.http.get("/api/events", headers={"Last-Event-ID": header})
    (error,) = refusal(response).errors or []
    assert (response.status_code, error.field) == (422, field)


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, None, 3])
def test_a_bad_name_is_refused(client: PriorscopeClient, run: Run, name: object) -> None:
    response = client.http.patch(f"/api/runs/{run.id}", json={"name": name})
    (error,) = refusal(response).errors or []
    assert (response.status_code, error.field) == (422, "name")
    assert client.run(run.id).name == run.name


NOWHERE = [
    ("GET", "/api/runs/none", "unknown-run"),
    ("PATCH", "/api/runs/none", "unknown-run"),
    ("DELETE", "/api/runs/none", "unknown-run"),
    ("POST", "/api/runs/none/cancel", "unknown-run"),
    ("POST", "/api/runs/none/resume", "unknown-run"),
    ("GET", "/api/runs/none/history", "unknown-run"),
    ("GET", "/api/runs/none/events", "unknown-run"),
    ("GET", "/api/runs/none/snapshots", "unknown-run"),
    ("GET", "/api/runs/none/points", "unknown-run"),
    ("GET", "/api/runs/none/density", "unknown-run"),
    ("POST", "/api/runs/none/decode", "unknown-run"),
    ("GET", "/api/runs/none/samples", "unknown-run"),
    ("GET", "/api/runs/none/manifold", "unknown-run"),
    ("GET", "/api/runs/%00", "unknown-run"),
    ("GET", "/api/runs/..%2f..", "not-found"),
    ("GET", "/api/datasets/none", "unknown-dataset"),
    ("GET", "/api/datasets/none/images", "unknown-dataset"),
    ("GET", "/api", "not-found"),
    ("GET", "/api/", "not-found"),
    ("GET", "/api/nowhere", "not-found"),
    ("POST", "/api/nowhere", "not-found"),
    ("GET", "/api/runs/", "not-found"),
    ("GET", "/nowhere.html", "not-found"),
]


@pytest.mark.parametrize(("method", "path", "slug"), NOWHERE)
def test_what_is_not_there_is_not_found(
    client: PriorscopeClient, method: str, path: str, slug: str
) -> None:
    content = {"PATCH": '{"name": "x"}', "POST": '{"z": [[0, 0]]}'}.get(method, "")
    response = raw(client, method, path, content)
    assert response.status_code == 404
    assert refusal(response).type == f"urn:priorscope:problem:{slug}"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/health", "GET"),
        ("PUT", "/api/runs", "GET, POST"),
        ("OPTIONS", "/api/runs/x", "DELETE, GET, PATCH"),
        ("GET", "/api/runs/x/cancel", "POST"),
    ],
)
def test_other_methods_are_refused(
    client: PriorscopeClient, method: str, path: str, allowed: str
) -> None:
    response = client.http.request(method, path)
    assert response.status_code == 405
    assert allowed in response.headers["allow"]
    assert method in refusal(response).detail


def test_a_running_run_is_not_deleted(client: PriorscopeClient, endless: Run) -> None:
    response = client.http.delete(f"/api/runs/{endless.id}")
    assert response.status_code == 409
    assert "Cancel it first" in refusal(response).detail


def test_an_ended_run_is_not_cancelled(client: PriorscopeClient, run: Run) -> None:
    response = client.http.post(f"/api/runs/{run.id}/cancel")
    assert response.status_code == 409
    assert "it is finished" in refusal(response).detail


@pytest.mark.parametrize("path", ["points", "points?epoch=0", "density", "samples"])
def test_a_run_without_weights_is_not_explored(
    client: PriorscopeClient, body: Callable[..., dict[str, Any]], path: str, until: Any
) -> None:
    runs = [client.create_run(body(seed=seed)) for seed in range(3)]
    response = client.http.get(f"/api/runs/{runs[2].id}/{path}")
    assert response.status_code == 409
    assert "still waiting" in refusal(response).detail
    with pytest.raises(ProblemError, match="still waiting"):
        client.decode(runs[2].id, [[0.0, 0.0]])
    for run in reversed(runs):
        client.cancel_run(run.id)
    until(lambda: all(client.run(run.id).ended for run in runs))


def test_the_unexpected_is_a_problem_too(caplog: pytest.LogCaptureFixture) -> None:
    # Without its lifespan the application has no interface: no client could bring that about.
    app = create_app()

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            return await http.get("/api/runs")

    response = asyncio.run(ask())
    assert response.status_code == 500
    assert "lifespan" not in refusal(response).detail
    assert "RuntimeError: The application was not started" in caplog.text


def test_no_prior_is_refused_with_its_defaults(
    client: PriorscopeClient, body: Callable[..., dict[str, Any]]
) -> None:
    for kind in PRIORS:
        run = client.create_run(body(kind))
        client.cancel_run(run.id)


def test_nothing_unexpected_happened(server: ServerProcess) -> None:
    assert server.log.read_text() == ""

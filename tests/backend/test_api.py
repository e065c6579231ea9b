"""The routes, through the real client against a real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
import pytest
from sklearn.datasets import load_digits

from backend import __version__
from backend.client import PriorscopeClient, ProblemError
from backend.schemas import ENDED, Run
from models.config import RunConfig
from models.priors import PRIORS
from tests.backend.conftest import brief

if TYPE_CHECKING:
    from tests.conftest import ServerProcess

Until = Callable[[Callable[[], object]], None]


def test_health(client: PriorscopeClient) -> None:
    assert client.alive().model_dump() == {"status": "ok"}
    health = client.health()
    assert (health.status, health.version, health.token) == ("ok", __version__, False)
    assert health.workers == 2
    assert health.free_megabytes > 100


def test_priors_come_with_the_schema_of_their_options(client: PriorscopeClient) -> None:
    priors = {prior.kind: prior for prior in client.priors()}
    assert set(priors) == {"standard", "mog", "vampprior", "gtm", "gtm_vampprior", "flow"}
    for kind, prior in priors.items():
        assert prior.title
        assert prior.description
        assert prior.options["additionalProperties"] is False
        assert prior.options["properties"]["kind"]["const"] == kind
    components = priors["vampprior"].options["properties"]["num_components"]
    assert {"default", "minimum", "maximum", "description"} <= set(components)


def test_the_run_schema_is_enough_to_make_a_form(client: PriorscopeClient) -> None:
    schema = client.run_schema()
    assert schema["required"] == ["prior"]
    assert set(schema["properties"]) == {*RunConfig.model_fields, "name", "frozen_from"}
    training = schema["$defs"]["TrainingConfig"]["properties"]
    assert all("default" in field and "description" in field for field in training.values())


# Data sets


def test_datasets(client: PriorscopeClient) -> None:
    known = {dataset.id: dataset for dataset in client.datasets()}
    assert list(known)[:4] == ["digits", "iris", "wine", "breast-cancer"]
    digits = known["digits"]
    assert digits == client.dataset("digits")
    assert digits.counts.model_dump() == {
        "train": 1000,
        "validation": 350,
        "test": 447,
        "total": 1797,
    }
    assert (digits.image_shape, digits.num_values) == ([8, 8], 17)
    assert digits.label_names == list("0123456789")


def test_pictures_of_a_dataset(client: PriorscopeClient) -> None:
    digits = load_digits()
    every = client.dataset_images("digits")
    np.testing.assert_array_equal(every.images, np.rint(digits.images * 255 / 16))
    np.testing.assert_array_equal(every.label, digits.target)
    np.testing.assert_array_equal(every.index, np.arange(1797))
    some = client.dataset_images("digits", split="test", index=[9, 0])
    np.testing.assert_array_equal(some.index, [1359, 1350])
    np.testing.assert_array_equal(some.images, every.images[[1359, 1350]])
    np.testing.assert_array_equal(some.label, digits.target[[1359, 1350]])


# Runs


def test_a_finished_run(client: PriorscopeClient, finished: dict[str, Run]) -> None:
    for kind, run in finished.items():
        assert run.status == "finished", run.error
        assert run.name == f"{PRIORS[kind].title} · digits · seed 0"
        assert run.config.training.epochs == run.progress.epoch == run.progress.epochs == 2
        assert run.error is None
        assert run.best_epoch in (1, 2)
        assert run.checkpoint >= 1
        assert run.started_at is not None
        assert run.finished_at is not None
        assert run.created_at <= run.started_at <= run.finished_at
        assert run.versions.priorscope == __version__
        assert run.metrics is not None
        for split in (run.metrics.test, run.metrics.train):
            terms = split.reconstruction.value - split.cross_entropy.value
            assert split.elbo.value == pytest.approx(
                terms + split.posterior_entropy.value, abs=1e-3
            )
            assert (split.elbo.estimator, split.elbo.samples) == ("monte_carlo", 64)
            assert split.posterior_entropy.standard_error is None


def test_the_answer_to_a_creation_says_where_the_run_is(client: PriorscopeClient) -> None:
    body = {"prior": {"kind": "mog", "num_components": 3}, "name": "  Mine  ", "training": {}}
    response = client.http.post("/api/runs", json=body)
    run = Run.model_validate_json(response.content)
    assert response.status_code == 201
    assert response.headers["location"] == f"/api/runs/{run.id}"
    assert (run.name, run.status, run.checkpoint) == ("Mine", "queued", 0)
    assert run.config.prior.model_dump()["num_components"] == 3
    assert run.config.network.hidden == [256, 256]
    client.cancel_run(run.id)


def test_the_list(client: PriorscopeClient, finished: dict[str, Run]) -> None:
    page = client.runs(status=["finished"], prior=["gtm", "flow"], sort="prior", limit=1)
    assert (page.total, page.limit, page.offset) == (2, 1, 0)
    assert page.items == [finished["flow"]]
    assert client.runs(query=finished["gtm"].id).items == [finished["gtm"]]
    assert client.runs(dataset=["none"]).items == []
    ordered = [r.metrics.test.elbo.value for r in client.runs(sort="-elbo").items if r.metrics]
    assert ordered == sorted(ordered, reverse=True)
    assert len(ordered) >= 6


def test_renaming(client: PriorscopeClient, run: Run) -> None:
    assert client.rename_run(run.id, "  Another – ß 名  ").name == "Another – ß 名"
    assert client.run(run.id).name == "Another – ß 名"
    client.rename_run(run.id, run.name)


def test_cancelling_keeps_what_was_trained(
    client: PriorscopeClient, endless: Run, until: Until
) -> None:
    asked = client.cancel_run(endless.id)
    assert asked.id == endless.id
    until(lambda: client.run(endless.id).ended)
    ended = client.run(endless.id)
    assert ended.status == "cancelled"
    assert ended.error is None
    assert ended.metrics is not None
    assert ended.best_epoch is not None
    assert 0 < ended.progress.epoch < ended.progress.epochs
    history = client.history(ended.id)
    assert history.epoch == list(range(1, ended.progress.epoch + 1))
    assert history.best_epoch == ended.best_epoch
    best = max(history.epoch, key=lambda epoch: history.validation.elbo[epoch - 1])
    assert best == ended.best_epoch
    assert client.points(ended.id).count == 447


def test_a_run_can_be_explored_while_it_trains(
    client: PriorscopeClient, endless: Run, until: Until
) -> None:
    first = client.points(endless.id)
    until(lambda: client.run(endless.id).checkpoint > first.checkpoint)
    second = client.points(endless.id)
    assert second.checkpoint > first.checkpoint
    assert not np.array_equal(first.loc, second.loc)
    assert client.run(endless.id).status == "running"


def test_a_queued_run_that_is_cancelled_never_trains(
    client: PriorscopeClient, body: Callable[..., dict[str, Any]], until: Until
) -> None:
    runs = [client.create_run(body(seed=seed)) for seed in range(3)]
    cancelled = client.cancel_run(runs[2].id)
    assert (cancelled.status, cancelled.checkpoint) == ("cancelled", 0)
    with pytest.raises(ProblemError, match="has no weights") as refused:
        client.points(cancelled.id)
    assert refused.value.status == 409
    for run in runs[:2]:
        client.cancel_run(run.id)
    until(lambda: all(client.run(run.id).ended for run in runs))
    assert client.run(runs[2].id) == cancelled


def test_deleting(client: PriorscopeClient, server: ServerProcess) -> None:
    run = client.create_run(brief())
    assert [event.kind for event in client.events(run.id)][-1] == "status"
    folder = server.data_dir / "runs" / run.id
    assert folder.exists()
    client.delete_run(run.id)
    assert not folder.exists()
    with pytest.raises(ProblemError) as refused:
        client.run(run.id)
    assert refused.value.status == 404


def test_the_same_configuration_gives_the_same_numbers(
    client: PriorscopeClient, finished: dict[str, Run]
) -> None:
    first = finished["gtm"]
    second = client.create_run(first.config)
    assert list(client.events(second.id))
    assert client.run(second.id).metrics == first.metrics
    np.testing.assert_array_equal(client.points(second.id).loc, client.points(first.id).loc)


# Exploring


@pytest.mark.parametrize("kind", PRIORS)
def test_every_prior_can_be_explored(
    client: PriorscopeClient, finished: dict[str, Run], kind: str
) -> None:
    run_id = finished[kind].id
    points = client.points(run_id)
    assert (points.count, points.loc.shape, points.scale.shape) == (447, (447, 2), (447, 2))
    assert (points.scale > 0).all()
    np.testing.assert_array_equal(points.index, np.arange(1350, 1797))
    np.testing.assert_array_equal(points.label, load_digits().target[1350:])

    density = client.density(run_id)
    assert density.integral == pytest.approx(1.0, abs=1e-3)
    assert density.values.shape == (200, 200)
    z1_min, z1_max, z2_min, z2_max = density.bounds
    assert (density.z1[0], density.z1[-1]) == (z1_min, z1_max)
    assert (density.z2[0], density.z2[-1]) == (z2_min, z2_max)
    assert (points.loc >= [z1_min, z2_min]).all()
    assert (points.loc <= [z1_max, z2_max]).all()

    samples = client.samples(run_id, n=5, seed=3)
    decoded = client.decode(run_id, samples.z.tolist())
    np.testing.assert_array_equal(decoded.images, samples.images)
    np.testing.assert_allclose(decoded.log_prior, samples.log_prior, rtol=1e-4)
    np.testing.assert_array_equal(client.samples(run_id, n=5, seed=3).z, samples.z)
    assert not np.array_equal(client.samples(run_id, n=5, seed=4).z, samples.z)


def test_what_panels_show_first_comes_together(
    client: PriorscopeClient, finished: dict[str, Run], solid: Run
) -> None:
    flow, mog = finished["flow"].id, finished["mog"].id
    panels = client.overview([flow, solid.id, mog], resolution=32)
    assert [panel.run for panel in panels] == [flow, mog]
    for panel in panels:
        assert panel.points.model_dump_json() == client.points(panel.run).model_dump_json()
        for field, density in (
            ("prior", panel.prior),
            ("aggregated_posterior", panel.aggregated_posterior),
        ):
            alone = client.density(panel.run, field=field, resolution=32)  # type: ignore[arg-type]
            assert density.model_dump_json() == alone.model_dump_json()
        assert panel.snapshots == client.snapshots(panel.run)


@pytest.mark.parametrize(
    ("query", "status"),
    [("run=none", 404), ("", 422), ("&".join(13 * ["run=a"]), 422), ("run=a&resolution=7", 422)],
)
def test_overviews_that_are_refused(client: PriorscopeClient, query: str, status: int) -> None:
    assert client.http.get(f"/api/overview?{query}").status_code == status


def test_an_overview_is_not_sent_twice(client: PriorscopeClient, run: Run) -> None:
    first = client.http.get(f"/api/overview?run={run.id}&resolution=8")
    assert first.headers["cache-control"] == "no-cache"
    again = client.http.get(first.url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_rows_are_z2_and_columns_are_z1(client: PriorscopeClient, run: Run) -> None:
    density = client.density(run.id, resolution=8, bounds=(-1.0, 0.5, -2.0, 3.0))
    assert density.bounds == (-1.0, 0.5, -2.0, 3.0)
    corners = [(row, column) for row in (0, 2, 7) for column in (0, 5)]
    z = [[density.z1[column], density.z2[row]] for row, column in corners]
    expected = client.decode(run.id, z).log_prior
    found = [density.values[row, column] for row, column in corners]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(("split", "count"), [("train", 1000), ("validation", 350)])
def test_points_of_other_splits(client: PriorscopeClient, run: Run, split: Any, count: int) -> None:
    points = client.points(run.id, split=split)
    assert (points.split, points.count, len(points.loc)) == (split, count, count)


def test_points_of_another_cut_name_the_same_images(client: PriorscopeClient) -> None:
    run = client.create_run(brief() | {"split": {"kind": "stratified", "seed": 1}})
    assert list(client.events(run.id))
    points = client.points(run.id)
    assert not np.array_equal(points.index, np.arange(1350, 1797))
    np.testing.assert_array_equal(points.label, load_digits().target[points.index])


def test_draws_scatter_around_the_expected_picture(client: PriorscopeClient, run: Run) -> None:
    z = [[0.0, 0.0], [1.0, -1.0]]
    decoded = client.decode(run.id, z, draws=256)
    assert decoded.images.shape == (2, 8, 8)
    assert decoded.draws is not None
    assert decoded.draws.shape == (2, 256, 8, 8)
    np.testing.assert_allclose(decoded.draws.mean(1), decoded.images, atol=30)
    assert client.decode(run.id, z).draws is None
    again = client.decode(run.id, z, draws=256)
    np.testing.assert_array_equal(again.draws, decoded.draws)
    other = client.decode(run.id, z, draws=256, seed=1)
    assert not np.array_equal(other.draws, decoded.draws)


def test_the_tiles_of_the_manifold_are_what_their_centres_decode_to(
    client: PriorscopeClient, run: Run
) -> None:
    bounds = (-1.0, 2.0, -3.0, 1.0)
    manifold = client.manifold(run.id, resolution=5, bounds=bounds)
    assert (manifold.resolution, manifold.bounds, manifold.shape) == (5, bounds, [8, 8])
    np.testing.assert_allclose(manifold.z1, [-0.7, -0.1, 0.5, 1.1, 1.7])
    np.testing.assert_allclose(manifold.z2, [-2.6, -1.8, -1.0, -0.2, 0.6])
    assert manifold.sprite.shape == (40, 40)
    for row, column in [(0, 0), (0, 4), (4, 0), (1, 3)]:
        # The largest z2 is at the top.
        centre = [manifold.z1[column], manifold.z2[4 - row]]
        tile = manifold.sprite[8 * row : 8 * row + 8, 8 * column : 8 * column + 8]
        np.testing.assert_array_equal(tile, client.decode(run.id, [centre]).images[0])
    usual = client.manifold(run.id)
    assert usual.sprite.shape == (24 * 8, 24 * 8)
    assert usual.bounds == client.density(run.id, resolution=8).bounds
    assert client.manifold(run.id, resolution=1).sprite.shape == (8, 8)


def test_far_out_everything_is_still_a_number(
    client: PriorscopeClient, finished: dict[str, Run]
) -> None:
    for run in finished.values():
        decoded = client.decode(run.id, [[1e6, -1e6], [1e6, 1e6]])
        assert np.isfinite(decoded.log_prior).all()
        assert (decoded.log_prior < -1000).all()
        density = client.density(run.id, resolution=8, bounds=(-1e6, 1e6, -1e6, 1e6))
        assert np.isfinite(density.values).all()
        assert np.isfinite(density.integral)


def test_other_latent_dimensions(client: PriorscopeClient, solid: Run) -> None:
    assert client.points(solid.id).loc.shape == (447, 3)
    assert client.samples(solid.id, n=3).images.shape == (3, 8, 8)
    assert client.decode(solid.id, [[0.0] * 3]).images.shape == (1, 8, 8)


# Transport


@pytest.mark.parametrize(
    ("path", "lasts"),
    [
        ("history", True),
        ("snapshots", False),
        ("points?split=train", True),
        ("points?epoch=1", False),
        ("density?resolution=16", True),
        ("samples?n=2", True),
        ("manifold?resolution=3", True),
        ("export", True),
    ],
)
def test_finished_runs_are_not_sent_twice(
    client: PriorscopeClient, run: Run, path: str, lasts: bool
) -> None:
    """Of snapshots the client asks whether they are still there."""
    first = client.http.get(f"/api/runs/{run.id}/{path}")
    etag = first.headers["etag"]
    assert etag.startswith('"')
    assert first.headers["cache-control"] == ("private, max-age=3600" if lasts else "no-cache")
    second = client.http.get(first.url, headers={"If-None-Match": f'"other", W/{etag}'})
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["etag"] == etag
    other = client.http.get(first.url, headers={"If-None-Match": '"other"'})
    assert other.content == first.content


def test_other_questions_have_other_etags(
    client: PriorscopeClient, finished: dict[str, Run]
) -> None:
    paths = [
        f"/api/runs/{run.id}/points?{query}"
        for run in finished.values()
        for query in ("split=train", "split=test", "epoch=0", "epoch=1")
    ]
    assert len({client.http.get(path).headers["etag"] for path in paths}) == len(paths)


def test_running_runs_are_asked_for_again(client: PriorscopeClient, endless: Run) -> None:
    response = client.http.get(f"/api/runs/{endless.id}/points")
    assert response.headers["cache-control"] == "no-cache"
    assert "etag" not in response.headers


def test_pictures_of_datasets_are_not_sent_twice(client: PriorscopeClient) -> None:
    first = client.http.get("/api/datasets/digits/images")
    etag = {"If-None-Match": first.headers["etag"]}
    assert client.http.get(first.url, headers=etag).status_code == 304


def test_answers_are_compressed_but_not_event_streams(client: PriorscopeClient, run: Run) -> None:
    assert client.http.get("/api/priors").headers["content-encoding"] == "gzip"
    with client.http.stream("GET", f"/api/runs/{run.id}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in stream.headers


def test_the_page_and_plotly_are_served(client: PriorscopeClient) -> None:
    page = client.http.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-cache"
    again = client.http.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert again.status_code == 304
    script = client.http.get("/vendor/plotly.min.js")
    assert script.headers["content-encoding"] == "gzip"
    assert "javascript" in script.headers["content-type"]
    assert "plotly.js v" in script.text[:100]
    plain = client.http.get("/vendor/plotly.min.js", headers={"Accept-Encoding": "identity"})
    assert plain.content == script.content
    etag = {"If-None-Match": script.headers["etag"]}
    assert client.http.get("/vendor/plotly.min.js", headers=etag).status_code == 304


def test_files_outside_the_page_stay_private(server: ServerProcess) -> None:
    with httpx.Client(base_url=server.url) as http:
        for path in ("/../pyproject.toml", "/%2e%2e/pyproject.toml", "/..%2fpyproject.toml"):
            assert http.get(path).status_code == 404


# Description


ROUTES = {
    ("get", "/api/runs/{run_id}/plane"),
    ("get", "/api/alive"),
    ("get", "/api/health"),
    ("get", "/api/priors"),
    ("get", "/api/run-schema"),
    ("get", "/api/datasets"),
    ("get", "/api/datasets/{dataset_id}"),
    ("post", "/api/datasets"),
    ("delete", "/api/datasets/{dataset_id}"),
    ("post", "/api/uploads"),
    ("post", "/api/uploads/{upload_id}/preview"),
    ("delete", "/api/uploads/{upload_id}"),
    ("get", "/api/imports"),
    ("get", "/api/imports/{import_id}"),
    ("post", "/api/imports/{import_id}/cancel"),
    ("get", "/api/datasets/{dataset_id}/images"),
    ("post", "/api/runs"),
    ("get", "/api/runs"),
    ("get", "/api/runs/{run_id}"),
    ("patch", "/api/runs/{run_id}"),
    ("delete", "/api/runs/{run_id}"),
    ("post", "/api/runs/{run_id}/cancel"),
    ("post", "/api/runs/{run_id}/resume"),
    ("get", "/api/runs/{run_id}/history"),
    ("get", "/api/overview"),
    ("get", "/api/runs/{run_id}/snapshots"),
    ("get", "/api/runs/{run_id}/export"),
    ("get", "/api/runs/{run_id}/points"),
    ("get", "/api/runs/{run_id}/density"),
    ("post", "/api/runs/{run_id}/decode"),
    ("post", "/api/runs/{run_id}/encode"),
    ("get", "/api/runs/{run_id}/metrics"),
    ("get", "/api/runs/{run_id}/holes"),
    ("get", "/api/runs/{run_id}/anatomy"),
    ("get", "/api/runs/{run_id}/samples"),
    ("get", "/api/runs/{run_id}/manifold"),
    ("post", "/api/animations"),
    ("get", "/api/events"),
    ("get", "/api/runs/{run_id}/events"),
}


def test_every_route_is_described(client: PriorscopeClient) -> None:
    api = client.http.get("/api/openapi.json").json()
    operations = [
        (method, path, operation)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    ]
    assert {(method, path) for method, path, _ in operations} == ROUTES
    for method, path, operation in operations:
        about = f"{method} {path}"
        assert operation.get("description"), about
        for status, response in operation["responses"].items():
            assert response["description"], about
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], about
        if "{" in path:
            assert "404" in operation["responses"], about
        if any(p["in"] == "query" for p in operation.get("parameters", [])):
            assert "422" in operation["responses"], about
    assert "HTTPValidationError" not in json.dumps(api)


def test_the_description_is_readable_without_a_network(client: PriorscopeClient) -> None:
    api = client.http.get("/api/openapi.json").json()
    page = client.http.get("/api/docs")
    assert page.headers["content-type"].startswith("text/html")
    for path in api["paths"]:
        assert f"<code>{path}</code>" in page.text
    for name in api["components"]["schemas"]:
        assert f'id="{name}"' in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


def test_the_client_knows_every_route(client: PriorscopeClient) -> None:
    """Each operation has a method of the client that is named as its function."""
    api = client.http.get("/api/openapi.json").json()
    renamed = {
        "show_run": "run",
        "list_runs": "runs",
        "list_imports": "imports",
        "all_events": "events",
        "run_events": "events",
    }
    for methods in api["paths"].values():
        for operation in methods.values():
            name = operation["operationId"]
            assert hasattr(PriorscopeClient, renamed.get(name, name)), name


def test_states_are_those_of_the_contract() -> None:
    assert {"queued", "running"} | ENDED == {
        *("queued", "running", "finished", "failed", "cancelled", "interrupted")
    }

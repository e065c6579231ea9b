"""Runs: starting, watching, naming, removing; and a server that goes away."""

from __future__ import annotations

import signal
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.client import ProblemError
from tests.browser.conftest import SMALL
from tests.browser.screen import (
    axis_range,
    expect_change,
    hover,
    painted,
    picture,
    plane,
    scroll_to,
    wait_for,
)

LONG = {"epochs": 20_000, "patience": 20_000}
HOSTILE = '<img src=x onerror="document.title=1"><b>bold</b> & "quoted"'


@pytest.fixture(scope="module")
def apart(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server for these tests alone."""
    return serve(tmp_path_factory.mktemp("apart") / "data", "--no-demo", workers=2)


@pytest.fixture
def own(apart: Any, until: Callable[..., None]) -> Any:
    """That server, empty."""
    client = apart.client
    for run in client.runs().items:
        # It may end by itself meanwhile.
        with suppress(ProblemError):
            client.cancel_run(run.id)
        until(lambda run=run: client.run(run.id).ended)
        client.delete_run(run.id)
    assert client.runs().total == 0
    return apart


def body(kind: str = "standard", **training: int) -> dict[str, Any]:
    """What to send for a run with a small network."""
    return {"prior": {"kind": kind}, "network": SMALL, "training": training}


def item(page: Page, text: str) -> Any:
    """A run in the rail."""
    return page.locator(".run", has_text=text)


def choose(page: Page, kind: str, epochs: str) -> None:
    """Fill in the form for a new run."""
    page.get_by_role("radio", name=kind).check()
    page.get_by_label("Epochs", exact=True).fill(epochs)


def test_from_an_empty_store_to_a_trained_run(watch: Any, own: Any) -> None:
    page = watch.open(own.url)
    expect(page.get_by_role("heading", name="No runs yet")).to_be_visible()
    page.locator("#stage").get_by_role("button", name="New run").click()
    choose(page, "Mixture of Gaussians", "3")
    page.get_by_label("Number of components").fill("5")
    page.get_by_label("Name").fill("five hills")
    page.get_by_role("button", name="Train").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    plane(page)
    expect(item(page, "five hills")).to_contain_text("log p(x) −")
    expect(page.locator(".panel-figure")).to_contain_text("log p(x) −")
    (run,) = own.client.runs().items
    assert run.config.prior.num_components == 5


@pytest.mark.expected_errors("status of 422")
def test_what_is_wrong_is_said_beside_its_field(watch: Any, own: Any) -> None:
    page = watch.open(own.url)
    page.locator("#rail").get_by_role("button", name="New run").click()
    page.get_by_role("radio", name="VampPrior", exact=False).first.check()
    components = page.get_by_label("Number of components")
    components.fill("0")
    page.get_by_text("Advanced").click()
    page.get_by_label("Learning rate", exact=True).fill("fast")
    page.get_by_role("button", name="Train").click()
    field = page.locator('[data-field="prior.num_components"]')
    expect(field.locator(".problem")).to_contain_text("greater than or equal to 1")
    expect(components).to_have_attribute("aria-invalid", "true")
    expect(components).to_be_focused()
    rate = page.locator('[data-field="training.learning_rate"] .problem')
    expect(rate).to_contain_text("number")
    components.fill("4")
    page.get_by_label("Learning rate", exact=True).fill("0.003")
    page.get_by_label("Epochs", exact=True).fill("1")
    page.get_by_role("button", name="Train").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_training_is_watched_live_and_the_zoom_survives(watch: Any, own: Any) -> None:
    page = watch.open(own.url)
    run = own.client.create_run(body(**LONG))
    drawn = plane(page)
    expect(page.locator(".panel-figure")).to_contain_text("Epoch")
    drawn.focus()
    for _ in range(3):
        page.keyboard.press("+")
    wait_for(page, "location.hash.includes('view=')")
    page.wait_for_timeout(500)
    zoomed = axis_range(drawn)
    points = drawn.locator(".plane-points")
    expect_change(points, painted(points))
    with page.expect_response("**/density?*"):
        pass
    page.wait_for_timeout(500)
    assert axis_range(drawn) == pytest.approx(zoomed)

    curves = scroll_to(page, "#training", ".curves .scatterlayer .trace path")
    path = curves.get_attribute("d")
    wait_for(
        page,
        "d => document.querySelector('.curves .scatterlayer .trace path').getAttribute('d') !== d",
        arg=path,
    )

    item(page, "Standard normal").get_by_role("button", name="Cancel").click()
    expect(item(page, "Standard normal")).to_contain_text("Cancelled")
    assert own.client.run(run.id).status == "cancelled"
    expect(item(page, "Standard normal").get_by_role("button", name="Run again")).to_be_visible()


def test_a_picture_under_a_resting_pointer_learns(watch: Any, own: Any) -> None:
    page = watch.open(own.url)
    run = own.client.create_run(body(**LONG))
    hover(page, plane(page))
    expect(picture(page)).to_be_visible()
    before = painted(picture(page))
    expect_change(picture(page), before)
    own.client.cancel_run(run.id)


def test_cancelled_runs_can_run_again(watch: Any, own: Any, until: Callable[..., None]) -> None:
    run = own.client.create_run(body(**LONG, seed=7), name="first")
    page = watch.open(own.url)
    item(page, "first").get_by_role("button", name="Cancel").click()
    item(page, "first").get_by_role("button", name="Run again").click()
    until(lambda: own.client.runs().total == 2)
    again = next(one for one in own.client.runs().items if one.id != run.id)
    assert again.config == run.config
    expect(page.locator(f'.panel[data-run="{again.id}"]')).to_be_visible()
    own.client.cancel_run(again.id)


def test_a_run_that_stopped_goes_on(watch: Any, own: Any, until: Callable[..., None]) -> None:
    run = own.client.create_run(body(**LONG), name="stopped")
    until(lambda: own.client.run(run.id).checkpoint)
    page = watch.open(own.url)
    item(page, "stopped").get_by_role("button", name="Cancel").click()
    expect(item(page, "stopped")).to_contain_text("Cancelled at epoch")
    epoch = own.client.run(run.id).progress.epoch
    item(page, "stopped").get_by_role("button", name="Resume").click()
    note = item(page, "stopped").locator(".run-note")
    expect(note).to_have_text(f"Resumed at epoch {epoch}, after it had been cancelled.")
    until(lambda: own.client.run(run.id).progress.epoch > epoch)
    expect(item(page, "stopped").get_by_role("button", name="Resume")).to_have_count(0)
    own.client.cancel_run(run.id)


def test_hostile_names_are_text(watch: Any, own: Any, train: Callable[..., Any]) -> None:
    train(own.client, "standard", name="plain")
    page = watch.open(own.url)
    plane(page)
    item(page, "plain").get_by_role("button", name="Actions for").click()
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("New name").fill(HOSTILE)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".run-name")).to_have_text(HOSTILE)
    expect(page.locator(".panel-name")).to_have_text(HOSTILE)
    scroll_to(page, "#training", ".curves .annotation-text")
    hover(page, plane(page))
    expect(page.locator(".card-run")).to_contain_text(HOSTILE)
    assert page.title() == "Priorscope"
    assert page.locator("img, b:text('bold')").count() == 0


def test_a_run_is_exported_and_deleting_asks_first(
    watch: Any, own: Any, train: Callable[..., Any]
) -> None:
    train(own.client, "standard", name="old one")
    page = watch.open(own.url)
    plane(page)
    item(page, "old one").get_by_role("button", name="Actions for").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "weights.safetensors" in archive.namelist()
    item(page, "old one").get_by_role("button", name="Actions for").click()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete this run?")
    expect(dialog).to_contain_text("cannot be undone")
    dialog.get_by_role("button", name="Keep it").click()
    assert own.client.runs().total == 1
    item(page, "old one").get_by_role("button", name="Actions for").click()
    page.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="No runs yet")).to_be_visible()
    assert own.client.runs().total == 0


def test_many_runs_can_be_searched(watch: Any, own: Any) -> None:
    for seed in range(9):
        own.client.create_run(body("mog", epochs=1, seed=seed), name=f"run {seed}")
    page = watch.open(own.url)
    expect(page.locator(".run")).to_have_count(9)
    page.get_by_role("searchbox").fill("run 4")
    expect(page.locator(".run")).to_have_count(1)
    page.get_by_role("searchbox").fill("nothing like it")
    expect(page.get_by_text("No run matches.")).to_be_visible()


# What was on its way when the server was killed arrives cut off.
@pytest.mark.expected_errors("ERR_CONN", "ERR_INCOMPLETE", "ERR_EMPTY", "ERR_CONTENT_LENGTH")
def test_a_lost_server_is_reported_and_found_again(
    watch: Any, serve: Any, tmp_path: Path, train: Callable[..., Any]
) -> None:
    server = serve(tmp_path / "data", "--no-demo", workers=1)
    train(server.client, "standard")
    page = watch.open(server.url)
    drawn = plane(page)
    expect(page.locator("#card h2").first).to_be_visible()
    drawn.focus()
    page.keyboard.press("+")
    page.wait_for_timeout(300)
    zoomed = axis_range(drawn)
    server.stop(signal.SIGKILL)
    expect(page.get_by_role("alert").filter(has_text="cannot be reached")).to_be_visible()
    expect(page.get_by_text("Server lost")).to_be_visible()
    assert axis_range(drawn) == pytest.approx(zoomed)
    hover(page, drawn, 0.3, 0.6)
    expect(page.locator("#card").get_by_text("The server cannot be reached.")).to_be_visible()
    port = server.url.rsplit(":", 1)[1]
    back = serve(tmp_path / "data", "--no-demo", "--port", port, workers=1)
    expect(page.get_by_text("Live")).to_be_visible()
    expect(page.locator("#banner")).to_be_hidden()
    assert axis_range(plane(page)) == pytest.approx(zoomed)
    # What was refused meanwhile is asked again, without a move of the pointer.
    expect(picture(page)).to_be_visible()
    back.stop()


@pytest.mark.expected_errors("status of 429")
def test_a_comparison_that_is_started_in_part_goes_on_later(
    watch: Any, serve: Any, tmp_path: Path, until: Callable[..., None]
) -> None:
    server = serve(tmp_path / "data", "--no-demo", workers=1, max_queue=2)
    page = watch.open(server.url)
    page.get_by_role("button", name="Compare priors").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Epochs", exact=True).fill("3")
    dialog.get_by_role("button", name="Train 6 runs").click()
    problem = dialog.get_by_role("alert").filter(has_text="refused")
    expect(problem).to_contain_text("3 of 6 runs have been started and are on the stage.")
    expect(problem).to_contain_text("2 runs are waiting already, which is the most allowed")
    expect(problem).to_be_in_viewport()
    expect(page.locator(".panel")).to_have_count(3)
    assert server.client.runs().total == 3

    # As soon as there is room, the button starts the rest, and nothing twice.
    until(lambda: all(run.status == "finished" for run in server.client.runs().items))
    dialog.get_by_role("button", name="Train 3 runs").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".panel")).to_have_count(6)
    kinds = [run.config.prior.kind for run in server.client.runs().items]
    assert len(set(kinds)) == len(kinds) == 6
    watch.close()
    server.stop()

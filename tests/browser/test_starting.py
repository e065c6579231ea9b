"""The page of a server that has not finished starting."""

from __future__ import annotations

from playwright.sync_api import expect

from backend.settings import Settings
from backend.storage import RunStore
from models.config import RunConfig
from tests.browser.conftest import Watch
from tests.conftest import Held


def test_the_page_waits_for_the_interface_and_complains_of_nothing(
    held: Held, watch: Watch
) -> None:
    store = RunStore(Settings(data_dir=held.data_dir))
    run = store.create(RunConfig.model_validate({"prior": {"kind": "mog"}}), "Stored before")
    store.finish(run.id, "cancelled")
    store.close()
    server = held.start()
    page = watch.open(f"{server.url}/#runs={run.id}")
    expect(page.locator(".stage-empty")).to_have_text("Loading…")
    expect(page.locator("#rail")).to_contain_text("Loading runs…")
    expect(page.locator("#header")).to_contain_text("Connecting")
    expect(page.locator("#banner")).to_be_hidden()
    held.release()
    expect(page.locator("#rail")).to_contain_text("Stored before")
    expect(page.locator("#header")).to_contain_text("Live")
    expect(page.locator("#banner")).to_be_hidden()

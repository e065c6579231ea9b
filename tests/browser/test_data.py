"""Data of one's own: sent by the page, looked at, added, trained on and explored."""

from __future__ import annotations

import csv
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from backend.dataset_schemas import CreateDataset
from tests.browser.screen import colours, hover, leave, plane, scroll_to

SMALL = {"hidden": [16]}
NAMES = ["stem length", "leaf width", "weight"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """90 plants of two kinds by three measures in very different units."""
    generator = np.random.default_rng(0)
    kind = generator.integers(0, 2, 90)
    noise = generator.normal(size=(90, 3))
    x = np.array([20.0, 0.3, 1500.0]) * (1 + kind[:, None]) + noise * [2.0, 0.02, 100.0]
    path = tmp_path_factory.mktemp("tables") / "plants.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*NAMES, "kind of plant"])
        rows.writerows(
            [*values, ("moss", "fern")[k]] for values, k in zip(x.tolist(), kind, strict=True)
        )
    return path


@pytest.fixture(scope="module")
def flags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 pictures of 6 by 10 pixels: a red half and a blue one, on either side."""
    side = np.arange(48) % 2
    x = np.zeros((48, 6, 10, 3), np.uint8)
    x[side == 0, :, :5, 0] = x[side == 1, :, 5:, 0] = 220
    x[side == 0, :, 5:, 2] = x[side == 1, :, :5, 2] = 200
    path = tmp_path_factory.mktemp("arrays") / "flags.npz"
    np.savez(path, x=x, y=np.array(["left", "right"])[side])
    return path


def open_data(page: Page) -> Locator:
    """The dialog of the data sets."""
    page.get_by_role("button", name="Data", exact=True).click()
    dialog = page.get_by_role("dialog", name="Data")
    expect(dialog.locator(".dataset").first).to_be_visible()
    return dialog


def send(dialog: Locator, path: Path) -> None:
    """Choose a file to add."""
    dialog.get_by_role("button", name="Add data").click()
    dialog.locator("input[type=file]").set_input_files(path)


def features(page: Page) -> list[str]:
    """The values of the large chart, as they are printed."""
    return page.locator("#card .feature dd").all_inner_texts()


@pytest.mark.expected_errors("status of 422")
def test_a_table_goes_all_the_way(
    watch: Any, server: Any, client: Any, table: Path, until: Any
) -> None:
    page = watch.open(server.url)
    dialog = open_data(page)
    send(dialog, table)
    # What is wrong is said in the server's words, and what was sent stays.
    refusal = dialog.locator(".import-form > .problem")
    expect(refusal).to_contain_text("column “kind of plant”, of “plants.csv” is no number")
    dialog.get_by_label("Label column").fill("kind of plant")
    expect(dialog.locator(".preview-table thead")).to_contain_text("stem length")
    expect(dialog.locator(".preview-table tbody tr")).to_have_count(8)
    expect(dialog.locator(".preview-classes")).to_contain_text("fern")
    expect(dialog.locator(".preview-facts")).to_contain_text("90 rows: 63 train, 13 validation")
    expect(dialog.locator(".import-form")).to_contain_text("Gaussian, because")
    dialog.get_by_text("Shares of training").click()
    dialog.get_by_label("Training %").fill("80")
    problem = dialog.locator('[data-field="split.train"] .problem')
    expect(problem).to_have_text("The three shares add up to 110%, not to 100%.")
    add = dialog.get_by_role("button", name="Add this data set")
    expect(add).to_be_disabled()
    dialog.get_by_label("Validation %").fill("10")
    dialog.get_by_label("Test %").fill("10")
    expect(dialog.locator(".preview-facts")).to_contain_text("72 train")
    dialog.get_by_label("Title").fill("Plants <b>")
    add.click()
    expect(dialog.get_by_role("status").filter(has_text="can be used now")).to_be_visible()
    expect(dialog.locator('[data-dataset="plants"]')).to_contain_text("3 features · fern, moss")

    dialog.get_by_role("button", name="Compare priors on Plants").click()
    form = page.get_by_role("dialog", name="Compare priors")
    expect(form.locator('[data-field="dataset"]')).to_contain_text("Gaussian, because")
    form.get_by_role("button", name="Choose none").click()
    form.get_by_role("checkbox", name=re.compile("^VampPrior")).check()
    form.get_by_text("Advanced, the same").click()
    likelihood = form.get_by_label("Likelihood")
    expect(likelihood).to_have_value("gaussian")
    expect(likelihood.locator("option[value=categorical]")).to_be_disabled()
    form.get_by_label("Epochs", exact=True).fill("2")
    form.get_by_role("textbox", name="Hidden", exact=True).fill("16")
    form.get_by_role("button", name="Train").click()
    expect(form).to_be_hidden()

    shown = plane(page)
    expect(page.locator(".panel-figure")).to_contain_text("log p(x)")
    run = client.runs(dataset="plants").items[0]
    assert (run.config.training.epochs, run.config.network.hidden) == (2, [16])
    # The chart follows the pointer; what it says is what the server decodes there.
    hover(page, shown, 0.4, 0.5)
    expect(page.locator("#card .feature")).to_have_count(3)
    before = features(page)
    hover(page, shown, 0.6, 0.3)
    expect(page.locator("#card .feature dd").first).not_to_have_text(before[0])
    z = [float(box.input_value()) for box in page.locator(".coordinates input").all()]
    decoded = client.decode(run.id, [z]).values
    assert decoded is not None
    expected = [
        pytest.approx(value, abs=0.02 * unit)
        for value, unit in zip(decoded[0], (20, 0.3, 1500), strict=True)
    ]
    # What is decoded on the way there comes before.
    until(lambda: [float(re.sub(r"[,›‹ ]", "", text)) for text in features(page)] == expected)
    page.mouse.click(*_middle(shown))
    leave(page)
    expect(page.locator("#card .feature-spread").first).to_be_visible()
    expect(page.locator("#card .feature").first).to_have_attribute(
        "title", re.compile(r"^stem length .* training rows .* draws .* nearest training row ")
    )
    expect(scroll_to(page, "#draw", "p.muted")).to_contain_text("no pictures")
    bars = scroll_to(page, "#samples", ".sample")
    expect(bars).to_have_attribute("title", re.compile("stem length .*, weight "))


def _middle(box: Locator) -> tuple[float, float]:
    found = box.bounding_box()
    assert found is not None
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def test_pictures_have_their_own_size_and_colours(
    watch: Any, server: Any, client: Any, train: Any, flags: Path
) -> None:
    page = watch.open(server.url)
    dialog = open_data(page)
    send(dialog, flags)
    picture = dialog.locator(".preview-pictures canvas").first
    expect(picture).to_have_attribute("width", "10")
    expect(dialog.locator(".preview-facts")).to_contain_text("6×10 colour, 256 levels")
    assert {(220, 0, 0), (0, 0, 200)} <= set(colours(picture))
    dialog.get_by_label("Turn colours into grey").check()
    expect(dialog.locator(".preview-facts")).to_contain_text("6×10 grey")
    dialog.get_by_label("Turn colours into grey").uncheck()
    dialog.get_by_label("Size of the pictures").fill("large")
    size = dialog.locator('[data-field="image_size"] .problem')
    expect(size).to_have_text("“large” is no size: write height and width, such as 28×28.")
    dialog.get_by_label("Size of the pictures").fill("")
    expect(dialog.locator(".preview-facts")).to_contain_text("6×10 colour")
    dialog.get_by_role("button", name="Add this data set").click()
    item = dialog.locator('[data-dataset="flags"]')
    expect(item).to_contain_text("left, right")

    run = train(client, "standard", dataset="flags", network=SMALL)
    page.goto(f"{server.url}/#runs={run.id}")
    page.reload()
    shown = plane(page)
    hover(page, shown)
    large = page.locator("#decoded")
    expect(large).to_have_attribute("width", "10")
    assert any(max(colour) - min(colour) > 20 for colour in colours(large))
    page.get_by_role("button", name="Manifold").click()
    sprite = page.locator(".plane-manifold canvas")
    expect(sprite).to_be_visible()
    assert sprite.evaluate("c => c.width / c.height") == pytest.approx(10 / 6)
    # The rows of another split, in place of the test set.
    split = page.get_by_label("Rows that are shown as points")
    expect(split.locator("option")).to_have_text(
        ["34 Training images", "7 Validation images", "7 Test images"], ignore_case=True
    )
    split.select_option("train")
    page.locator(".plane").first.focus()
    page.keyboard.press("s")
    expect(page.locator("#selection-title")).to_have_text("34 training images selected")
    expect(page).to_have_url(re.compile("points=train"))

    # A run keeps its data set; without it, the data set can go.
    dialog = open_data(page)
    item = dialog.locator('[data-dataset="flags"]')
    item.get_by_role("button", name="Delete").click()
    expect(item.locator(".problem")).to_contain_text("cannot be deleted yet: “Standard normal")
    client.delete_run(run.id)
    expect(page.locator(".run", has_text="flags")).to_have_count(0)
    item.get_by_role("button", name="Delete").click()
    sure = page.get_by_role("dialog", name="Delete this data set?")
    sure.get_by_role("button", name="Delete").click()
    expect(item).to_have_count(0)
    assert "flags" not in [dataset.id for dataset in client.datasets()]


@pytest.mark.expected_errors("status of 415", "status of 422")
def test_what_is_no_data_is_refused_and_leaves_nothing(
    watch: Any, server: Any, client: Any, tmp_path: Path
) -> None:
    known = [dataset.id for dataset in client.datasets()]
    noise, objects = tmp_path / "noise.bin", tmp_path / "objects.npz"
    noise.write_bytes(bytes(range(256)) * 20)
    np.savez(objects, x=np.array([{"a": 1}, None], dtype=object))
    page = watch.open(server.url, **{"viewport": {"width": 390, "height": 844}})
    dialog = open_data(page)
    send(dialog, noise)
    problem = dialog.locator(".data > .problem")
    expect(problem).to_contain_text("“noise.bin” is of a format that is not read here")
    dialog.locator("input[type=file]").set_input_files(objects)
    refused = dialog.locator(".data > .problem, .import-form > .problem").filter(visible=True)
    expect(refused).to_contain_text("object")
    expect(dialog.get_by_role("button", name="Add this data set:enabled")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()
    assert [dataset.id for dataset in client.datasets()] == known


def test_an_import_that_failed_unseen_is_told_once(
    watch: Any, server: Any, client: Any, table: Path
) -> None:
    """As after the server was killed in its middle: the page that began it is gone."""
    upload = client.create_upload(table)
    started = client.create_dataset(CreateDataset(upload=upload.id, title="Herbs"))
    while client.show_import(started.id).status == "running":
        time.sleep(0.05)
    page = watch.open(server.url)
    problem = open_data(page).locator(".problem[role=alert]").first
    expect(problem).to_contain_text("column “kind of plant”, of “plants.csv” is no number")
    page.reload()
    dialog = open_data(page)
    page.wait_for_load_state("networkidle")
    expect(dialog.locator(".problem[role=alert]").first).to_be_hidden()
    client.delete_upload(upload.id)

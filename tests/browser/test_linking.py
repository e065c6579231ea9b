"""Panels side by side: linked images, selections, shared ranges, comparisons."""

from __future__ import annotations

import csv
import math
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.screen import (
    axis_range,
    colours,
    hover,
    leave,
    pixel_of,
    place,
    plane,
    wait_for,
)

LOC = """async run => {
    const points = await (await fetch(`/api/runs/${run}/points?split=test`)).json();
    const bytes = Uint8Array.from(atob(points.loc.bdata), c => c.charCodeAt(0));
    return [...new Float32Array(bytes.buffer)];
}"""


@pytest.fixture(scope="module")
def near(server: Any, trio: Any) -> str:
    """The address of the three runs, each zoomed in on its test images."""
    boxes = []
    for run in trio:
        loc = server.client.points(run.id).loc
        low, high = loc.min(axis=0), loc.max(axis=0)
        boxes.append(f"{run.id}:{low[0]:.4f},{high[0]:.4f},{low[1]:.4f},{high[1]:.4f}")
    return f"{server.url}/#runs={','.join(run.id for run in trio)}&view={';'.join(boxes)}"


def places(page: Page, run: str) -> list[tuple[float, float]]:
    """Where a run has the test images: z1 and z2."""
    flat = page.evaluate(LOC, run)
    return list(zip(flat[::2], flat[1::2], strict=True))


def quantile(page: Page, run: str, share: float) -> tuple[float, float]:
    """The place below which that share of the test images lies, in z1 and in z2."""
    columns = zip(*places(page, run), strict=True)
    first, second = (sorted(column)[int(share * 446)] for column in columns)
    return first, second


def shares(drawn: Locator, z: tuple[float, float]) -> tuple[float, float]:
    """Where a panel shows a place, as shares of its width and height."""
    box = drawn.bounding_box()
    assert box is not None
    x, y = pixel_of(drawn, z)
    return (x - box["x"]) / box["width"], (y - box["y"]) / box["height"]


def middle(drawn: Locator, mark: str) -> tuple[float, float]:
    """The middle of a mark on the page; marks are put anew whenever something moves."""
    deadline = time.monotonic() + 180
    while (box := drawn.locator(mark).first.bounding_box()) is None:
        assert time.monotonic() < deadline, f"no {mark}"
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, drawn: Locator, *places: tuple[float, float]) -> None:
    """Press at the first place, move over the others and let go at the last."""
    page.mouse.move(*place(drawn, *places[0]))
    page.mouse.down()
    for step in places[1:]:
        page.mouse.move(*place(drawn, *step), steps=3)
    page.mouse.up()


def drag_box(page: Page, drawn: Locator, run: str) -> None:
    """Drag a box over the middle of the test images with Shift held."""
    page.keyboard.down("Shift")
    drag(page, drawn, *(shares(drawn, quantile(page, run, share)) for share in (0.25, 0.5, 0.75)))
    page.keyboard.up("Shift")


def selected(page: Page) -> int:
    """How many test images the strip says are selected."""
    title = page.locator("#selection-title")
    expect(title).to_have_text(re.compile(r"^\d+ test images? selected$"))
    return int(title.inner_text().split()[0])


def faded(drawn: Locator) -> int:
    """How many pixels are of a light grey, like points that are not selected."""
    found = colours(drawn.locator(".plane-points"))
    return sum(n for c, n in found.items() if max(c) - min(c) < 5 and 195 < min(c) < 230)


def expect_faded(drawn: Locator, before: int, so: bool = True) -> None:
    """Wait until a panel has many more such pixels than before, or about as many."""
    deadline = time.monotonic() + 180
    while (faded(drawn) > before + 60) != so:
        assert time.monotonic() < deadline, "the points keep their colours"
        drawn.page.wait_for_timeout(50)


def test_a_test_image_lights_up_in_all_panels(watch: Any, near: str, trio: Any) -> None:
    page = watch.open(near)
    planes = [plane(page, number) for number in range(3)]
    hover(page, planes[0], *shares(planes[0], places(page, trio[0].id)[0]))
    expect(page.locator(".nearby")).to_contain_text("Test image")
    # The first test image, or one that lies above it.
    row = int(page.locator(".nearby").inner_text().split()[-1]) - 1350
    for number, drawn in enumerate(planes):
        mark = drawn.locator(".mark-near")
        expect(mark).to_be_visible()
        thumbnail = mark.locator("canvas")
        expect(thumbnail).to_be_visible()
        assert len(colours(thumbnail)) > 3
        there = place(drawn, *shares(drawn, places(page, trio[number].id)[row]))
        assert middle(drawn, ".mark-near") == pytest.approx(there, abs=1.5)
    leave(page)
    for drawn in planes:
        expect(drawn.locator(".mark-near")).to_have_count(0)


def test_the_keyboard_links_images_too(watch: Any, view: str, trio: Any) -> None:
    page = watch.open(view)
    plane(page, 2)
    z1, z2 = places(page, trio[1].id)[0]
    plane(page, 1).focus()
    page.get_by_label("z1", exact=True).fill(f"{z1:.4f}")
    page.get_by_label("z2", exact=True).fill(f"{z2:.4f}")
    expect(page.locator(".mark-near canvas")).to_have_count(3)
    expect(page.locator("#announcer")).to_have_text(re.compile(r"at test image \d+$"))


def test_a_box_selects_in_all_panels_and_greys_the_rest(watch: Any, near: str, trio: Any) -> None:
    page = watch.open(near)
    planes = [plane(page, number) for number in range(3)]
    before = [faded(drawn) for drawn in planes]
    drag_box(page, planes[1], trio[1].id)
    count = selected(page)
    assert 0 < count < 447
    for drawn, grey in zip(planes, before, strict=True):
        expect_faded(drawn, grey)
    expect(planes[1].locator(".region-line")).to_be_attached()
    expect(planes[0].locator(".region-line")).to_have_count(0)
    strip = page.locator(".strip-item")
    expect(strip).to_have_count(min(count, 200))
    counts = page.locator(".class-counts b").all_inner_texts()
    assert sum(map(int, counts)) == count
    wait_for(page, "document.querySelector('#announcer').textContent.includes('selected')")
    assert page.locator(".pins .pin").count() == 0

    strip.first.hover()
    expect(page.locator(".mark-near")).to_have_count(3)
    leave(page)
    expect(page.locator(".mark-near")).to_have_count(0)
    wait_for(page, "location.hash.includes('select=')")

    again = watch.open(page.url)
    plane(again, 1)
    assert selected(again) == count
    expect_faded(plane(again, 0), before[0])
    expect(again.locator(".class-counts b")).to_have_text(counts)


def test_a_selection_can_be_taken_back_and_cleared(watch: Any, near: str, trio: Any) -> None:
    page = watch.open(near)
    drawn = plane(page, 0)
    before = faded(drawn)
    drag_box(page, drawn, trio[0].id)
    selected(page)
    expect_faded(drawn, before)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#selection")).to_be_hidden()
    expect_faded(drawn, before, so=False)
    page.get_by_role("button", name="Redo").click()
    count = selected(page)
    # Legend and selection work together.
    legend = page.locator(".legend")
    biggest = page.locator(".class-counts li").first.inner_text().split()
    legend.get_by_role("button", name=biggest[0], exact=True).click()
    expect(page.locator("#selection-title")).to_have_text(re.compile(rf"^{biggest[1]} test image"))
    page.keyboard.press("Control+z")
    assert selected(page) == count
    leave(page)
    page.keyboard.press("Escape")
    expect(page.locator("#selection")).to_be_hidden()
    wait_for(page, "!location.hash.includes('select=')")


def test_a_lasso_and_a_table_of_what_it_holds(
    watch: Any, near: str, trio: Any, tmp_path: Path
) -> None:
    page = watch.open(near)
    drawn = plane(page, 2)
    home = axis_range(drawn)
    page.get_by_role("button", name="Select", exact=True).click()
    turn = [i * math.pi / 8 for i in range(17)]
    (a1, a2), (b1, b2) = (quantile(page, trio[2].id, share) for share in (0.25, 0.75))
    ellipse = [
        ((a1 + b1 + (b1 - a1) * math.cos(t)) / 2, (a2 + b2 + (b2 - a2) * math.sin(t)) / 2)
        for t in turn
    ]
    drag(page, drawn, *(shares(drawn, z) for z in ellipse))
    count = selected(page)
    assert 0 < count < 447
    wait_for(page, "location.hash.includes('select=')")
    # The drag has not moved the plane.
    assert sum(axis_range(drawn)[:2]) == pytest.approx(sum(home[:2]), abs=1e-3)
    assert sum(axis_range(drawn)[2:]) == pytest.approx(sum(home[2:]), abs=1e-3)
    page.get_by_role("button", name="Select", exact=True).click()

    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    path = tmp_path / "selection.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * count
    assert list(rows[0]) == ["index", "label", "run", "run_id", "z1", "z2", "scale1", "scale2"]
    assert len({row["run_id"] for row in rows}) == 3
    assert len({row["index"] for row in rows}) == count
    assert all(float(row["scale1"]) > 0 for row in rows)
    title = page.locator(".strip-item").first.get_attribute("aria-label")
    assert title == f"Test image {rows[0]['index']}, class {rows[0]['label']}"


def test_the_keyboard_selects_what_is_in_view(watch: Any, view: str, trio: Any) -> None:
    page = watch.open(view)
    drawn = plane(page, 1)
    z1, z2 = quantile(page, trio[1].id, 0.5)
    drawn.focus()
    page.keyboard.press("s")
    everything = selected(page)
    assert everything == 447
    page.get_by_label("z1", exact=True).fill(f"{z1:.4f}")
    page.get_by_label("z2", exact=True).fill(f"{z2:.4f}")
    drawn.focus()
    for _ in range(9):
        page.keyboard.press("+")
    wait_for(page, "location.hash.includes('view=')")
    page.keyboard.press("s")
    wait_for(page, "!document.querySelector('#selection-title').textContent.startsWith('447')")
    assert 0 < selected(page) < everything
    expect(page.locator("#announcer")).to_have_text(re.compile(r"^\d+ test images? selected, \d+"))


def test_ranges_can_be_shared(watch: Any, view: str) -> None:
    page = watch.open(view)
    planes = [plane(page, number) for number in range(3)]
    expect(page.locator(".comparison")).to_contain_text("Separate latent spaces.")
    assert axis_range(planes[0]) != pytest.approx(axis_range(planes[1]), abs=1e-3)
    page.get_by_role("button", name="Same range").click()
    ranges = """() => new Set([...document.querySelectorAll('.plane-plot')].map(
        p => p.dataset.range.split(' ').map(v => Number(v).toFixed(3)).join()
    )).size"""
    wait_for(page, f"({ranges})() === 1")
    before = axis_range(planes[2])
    drag(page, planes[0], (0.5, 0.5), (0.6, 0.5), (0.7, 0.5))
    wait_for(page, "location.hash.includes('view=*')")
    wait_for(page, f"({ranges})() === 1")
    assert axis_range(planes[2])[0] < before[0] - 0.1
    wait_for(page, "location.hash.includes('ranges=shared')")
    page.get_by_role("button", name="Own ranges").click()
    wait_for(page, f"({ranges})() === 3")


@pytest.mark.expected_errors("422")
def test_one_form_starts_a_comparison(watch: Any, view: str, server: Any) -> None:
    page = watch.open(view)
    before = {run.id for run in server.client.runs(limit=100).items}
    page.get_by_role("button", name="Compare priors").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Starts 6 runs.")
    dialog.get_by_role("button", name="Choose none").click()
    expect(dialog).to_contain_text("Choose at least one prior.")
    expect(dialog.get_by_role("button", name="Train")).to_be_disabled()
    dialog.get_by_role("checkbox", name="Standard normal").check()
    dialog.locator('input[value="vampprior"]').check()
    seeds = dialog.get_by_label("Seeds")
    seeds.fill("x")
    expect(dialog).to_contain_text("“x” is no seed")
    dialog.get_by_label("Epochs", exact=True).fill("0")
    seeds.fill("3, 4")
    expect(dialog).to_contain_text("2 priors with 2 seeds: starts 4 runs.")
    dialog.get_by_role("button", name="Train 4 runs").click()
    problem = dialog.locator('[data-field="training.epochs"] .problem')
    expect(problem).to_contain_text("greater than or equal to 1")
    dialog.get_by_label("Epochs", exact=True).fill("1")
    # What is changed while they are being started changes nothing, and starts nothing twice.
    held: list[Route] = []
    page.route(
        "**/api/runs",
        lambda route: held.append(route) if not held else route.continue_(),
    )
    dialog.get_by_role("button", name="Train 4 runs").click()
    expect(dialog).to_contain_text("Starting 1 of 4…")
    seeds.fill("5")
    expect(dialog.get_by_role("button", name="Train")).to_be_disabled()
    seeds.press("Enter")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(dialog).to_be_hidden()
    expect(page.locator(".panel")).to_have_count(4)
    expect(page.locator(".comparison")).to_contain_text("Separate latent spaces.")
    started = [run for run in server.client.runs(limit=100).items if run.id not in before]
    assert sorted((run.config.prior.kind, run.config.training.seed) for run in started) == [
        ("standard", 3),
        ("standard", 4),
        ("vampprior", 3),
        ("vampprior", 4),
    ]
    assert {run.config.training.epochs for run in started} == {1}
    expect(page.locator(".panel-figure strong")).to_have_count(8)


def test_priors_on_one_frozen_model_share_everything_else(
    watch: Any, view: str, trio: Any, server: Any, until: Any
) -> None:
    page = watch.open(view)
    plane(page, 0)
    page.locator(f'.run[data-run="{trio[0].id}"]').get_by_label("Actions").click()
    page.get_by_role("button", name="Other priors on its encoder and decoder").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("What is trained")).to_have_value(trio[0].id)
    expect(dialog.get_by_label("Latent dimensions")).to_be_hidden()
    dialog.get_by_role("button", name="Choose none").click()
    for kind in ("mog", "flow"):
        dialog.locator(f'input[value="{kind}"]').check()
    dialog.get_by_label("Epochs", exact=True).fill("1")
    dialog.get_by_role("button", name="Train 2 runs").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".panel")).to_have_count(3)
    started = [run for run in server.client.runs(limit=100).items if run.frozen_from == trio[0].id]
    assert sorted(run.config.prior.kind for run in started) == ["flow", "mog"]
    until(lambda: all(server.client.run(run.id).status == "finished" for run in started))

    expect(page.locator(".comparison")).to_contain_text("One latent space.")
    expect(page.get_by_role("button", name="Same range")).to_have_attribute("aria-pressed", "true")
    planes = [plane(page, number) for number in range(3)]
    wait_for(
        page,
        """() => new Set([...document.querySelectorAll('.plane-plot')].map(
            p => p.dataset.range.split(' ').map(v => Number(v).toFixed(3)).join()
        )).size === 1""",
    )
    hover(page, planes[1], 0.3, 0.4)
    for drawn in (planes[0], planes[2]):
        assert middle(drawn, ".mark-cursor") == pytest.approx(place(drawn, 0.3, 0.4), abs=2)
    table = page.locator(".prior-readings tbody tr")
    expect(table).to_have_count(3)

    def cells() -> list[list[str]]:
        return [row.locator("td").all_inner_texts() for row in table.all()]

    # On its way the pointer passed another place: in the end all tell of where it rests.
    exact, listed = page.locator(".reading dd").first, table.nth(1).locator("td").first
    until(lambda: exact.inner_text() == listed.inner_text())
    until(lambda: len({posterior for _, posterior, _ in cells()}) == 1)
    assert len({prior for prior, _, _ in cells()}) == 3
    leave(page)
    expect(page.locator(".prior-readings")).to_be_hidden()


def test_a_selection_stays_the_same_through_time(
    watch: Any, view: str, trio: Any, server: Any
) -> None:
    run = trio[1].id
    loc = server.client.points(run, epoch=0).loc
    (z1, z2), half = loc.mean(axis=0), loc.std(axis=0).max()
    low, high = (z1 - half, z2 - half), (z1 + half, z2 + half)
    box = [low[0], low[1], high[0], low[1], high[0], high[1], low[0], high[1]]
    corners = ",".join(f"{value:.4f}" for value in box)
    within = (abs(loc[:, 0] - z1) < half) & (abs(loc[:, 1] - z2) < half)
    page = watch.open(f"{view}&select={run}@0:{corners}")
    plane(page, 1)
    # Drawn at epoch 0, looked at in the end.
    assert abs(selected(page) - int(within.sum())) <= 1

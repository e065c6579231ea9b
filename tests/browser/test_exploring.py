"""Looking at trained runs: hover, click, zoom, filter, keyboard."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    axis_range,
    colours,
    expect_change,
    expect_colours,
    frame,
    hover,
    leave,
    painted,
    picture,
    pixel_of,
    place,
    plane,
    scroll_to,
    wait_for,
)


def test_a_panel_for_each_run_with_contours_points_and_figures(watch: Any, view: str) -> None:
    page = watch.open(view)
    for number, title in enumerate(["Standard normal", "Mixture of Gaussians", "VampPrior"]):
        drawn = plane(page, number)
        panel = page.locator(".panel").nth(number)
        expect(panel.get_by_role("heading")).to_have_text(title)
        expect(panel).to_contain_text(re.compile(r"−\d+\.\d.* holes \d"))
        assert len(colours(drawn.locator(".plane-points"))) > 10
        z1_from, z1_to, z2_from, z2_to = axis_range(drawn)
        _, _, width, height = frame(drawn)
        assert (z1_to - z1_from) / width == pytest.approx((z2_to - z2_from) / height, rel=1e-6)


def test_six_panels_fit_and_the_picture_is_large(watch: Any, view: str, server: Any) -> None:
    runs = view.split("=")[1].split(",")
    extra = [run.id for run in server.client.runs().items if run.id not in runs]
    while len(runs) + len(extra) < 6:
        run = server.client.create_run({"prior": {"kind": "gtm"}, "training": {"epochs": 1}})
        extra.append(run.id)
    page = watch.open(f"{server.url}/#runs={','.join((runs + extra)[:6])}")
    expect(page.locator(".panel")).to_have_count(6)
    hover(page, plane(page))
    expect(picture(page)).to_be_visible()
    for panel in page.locator(".panel").all():
        box = panel.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900
    box = picture(page).bounding_box()
    assert box is not None
    assert box["width"] >= 160
    assert picture(page).evaluate("c => getComputedStyle(c).imageRendering") == "pixelated"


def test_the_picture_follows_the_pointer_and_ends_with_it(watch: Any, view: str) -> None:
    page = watch.open(view)
    drawn = plane(page)
    expect(picture(page)).to_be_hidden()
    hover(page, drawn, 0.45, 0.45)
    expect(picture(page)).to_be_visible()
    expect(page.get_by_text("Under the pointer")).to_be_visible()
    before = painted(picture(page))
    assert len(colours(picture(page))) > 5
    hover(page, drawn, 0.9, 0.1)
    expect_change(picture(page), before)
    expect(page.locator(".reading dd").first).to_have_text(re.compile(r"^−?\d+\.\d\d$"))
    leave(page)
    expect(picture(page)).to_be_hidden()
    expect(page.get_by_text("Under the pointer")).to_be_hidden()


def test_a_test_image_near_the_pointer_is_shown(
    watch: Any, view: str, trio: Any, server: Any
) -> None:
    page = watch.open(view)
    drawn = plane(page)
    x, y = pixel_of(drawn, server.client.points(trio[0].id).loc[0])
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    nearby = page.locator(".nearby")
    expect(nearby).to_be_visible()
    expect(nearby).to_contain_text(re.compile(r"Class \d"))
    expect(nearby).to_contain_text(re.compile(r"Test image 1[34567]\d\d"))
    assert len(colours(nearby.locator("canvas"))) > 3
    expect(drawn.locator(".mark-near")).to_be_visible()


def test_clicks_pin_and_escape_unpins(watch: Any, view: str) -> None:
    page = watch.open(view)
    drawn = plane(page, 1)
    for x, y in [(0.4, 0.4), (0.6, 0.7)]:
        hover(page, drawn, x, y)
        page.mouse.click(*place(drawn, x, y))
        page.wait_for_timeout(400)  # Two clicks in a row would be a double click.
    pins = page.locator(".pins .pin")
    expect(pins).to_have_count(2)
    expect(drawn.locator(".mark-pin")).to_have_text(["1", "2"])
    leave(page)
    expect(pins).to_have_count(2)
    expect_colours(pins.nth(1).locator("canvas"), 3)
    page.keyboard.press("Escape")
    expect(pins).to_have_count(1)
    page.get_by_role("button", name="Remove pin 1").click()
    expect(pins).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(pins).to_have_count(1)


def test_the_wheel_scrolls_the_page_until_the_panel_is_focused(watch: Any, view: str) -> None:
    page = watch.open(view)
    drawn = plane(page)
    home = axis_range(drawn)
    # There is nothing to scroll before the sections below have come.
    wait_for(page, "(({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 240)(main)")
    hover(page, drawn)
    page.mouse.wheel(0, 240)
    wait_for(page, "document.querySelector('#main').scrollTop > 100")
    assert axis_range(drawn) == pytest.approx(home)
    page.mouse.wheel(0, -600)
    wait_for(page, "document.querySelector('#main').scrollTop === 0")
    drawn.focus()
    page.mouse.wheel(0, -240)
    wait_for(page, "location.hash.includes('view=')")
    zoomed = axis_range(drawn)
    assert zoomed[1] - zoomed[0] < home[1] - home[0]
    assert page.locator("#main").evaluate("m => m.scrollTop") == 0


def test_drag_pans_and_double_click_fits(watch: Any, view: str) -> None:
    page = watch.open(view)
    drawn = plane(page)
    home = axis_range(drawn)
    page.mouse.move(*place(drawn, 0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*place(drawn, 0.7, 0.5), steps=4)
    page.mouse.up()
    wait_for(page, "location.hash.includes('view=')")
    panned = axis_range(drawn)
    assert panned[0] < home[0] - 0.1
    assert panned[1] - panned[0] == pytest.approx(home[1] - home[0])
    page.wait_for_timeout(400)
    page.mouse.dblclick(*place(drawn, 0.5, 0.5))
    wait_for(page, "!location.hash.includes('view=')")
    assert axis_range(drawn) == pytest.approx(home)
    expect(page.locator(".pins .pin")).to_have_count(0)


def test_zooming_fetches_finer_contours(watch: Any, view: str) -> None:
    page = watch.open(view)
    plane(page).focus()
    with page.expect_response(re.compile("/density.*bounds=")) as answer:
        for _ in range(5):
            page.keyboard.press("+")
    assert answer.value.ok


def test_the_legend_isolates_classes_and_greys_the_rest(watch: Any, view: str, until: Any) -> None:
    page = watch.open(view)
    points = plane(page).locator(".plane-points")

    def red() -> int:
        return sum(n for (r, g, b), n in colours(points).items() if r > 150 and g < 90 and b < 70)

    legend = page.locator(".legend")
    legend.get_by_role("button", name="2", exact=True).click()
    expect(legend.get_by_role("button", pressed=True)).to_have_text(["2"])
    until(lambda: red() > 0)
    legend.get_by_role("button", name="3", exact=True).click()
    expect(legend.get_by_role("button", pressed=True)).to_have_text(["3"])
    until(lambda: red() == 0)
    legend.get_by_role("button", name="2", exact=True).click(modifiers=["Shift"])
    expect(legend.get_by_role("button", pressed=True)).to_have_text(["2", "3"])
    until(lambda: red() > 0)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(legend.get_by_role("button", pressed=True)).to_have_count(0)


def test_the_keyboard_reaches_every_place(watch: Any, view: str) -> None:
    page = watch.open(view)
    drawn = plane(page, 1)
    drawn.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("At the cursor")).to_be_visible()
    expect(picture(page)).to_be_visible()
    before = painted(picture(page))
    z1 = page.get_by_label("z1", exact=True)
    start = float(z1.input_value())
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    expect_change(picture(page), before)
    assert float(z1.input_value()) > start
    number = r"−?\d+\.\d\d"
    density = rf"log prior {number}, log aggregated posterior {number}"
    spoken = rf"z1 {number}, z2 {number}, {density}\. .*, nearest class \d"
    expect(page.locator("#announcer")).to_have_text(re.compile(spoken))
    page.keyboard.press("Enter")
    expect(page.locator(".pins .pin")).to_have_count(1)
    expect(drawn.locator(".mark-pin")).to_be_visible()
    home = axis_range(drawn)
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("view="))
    page.keyboard.press("0")
    expect(page).not_to_have_url(re.compile("view="))
    assert axis_range(drawn) == pytest.approx(home)
    expect(page.locator(".pins .pin")).to_have_count(1)


def test_coordinates_can_be_typed(watch: Any, view: str) -> None:
    page = watch.open(view)
    drawn = plane(page)
    page.get_by_label("z1", exact=True).fill("0.5")
    page.get_by_label("z2", exact=True).fill("-1")
    expect(page.get_by_text("At these coordinates")).to_be_visible()
    expect(picture(page)).to_be_visible()
    expect(drawn.locator(".mark-cursor")).to_be_visible()
    assert page.get_by_label("z1", exact=True).input_value() == "0.50"
    page.get_by_label("z2", exact=True).fill("x")
    expect(page.get_by_label("z2", exact=True)).to_have_attribute("aria-invalid", "true")


def test_samples_come_from_the_prior_and_can_be_drawn_again(watch: Any, view: str) -> None:
    page = watch.open(view)
    drawn = plane(page)
    scroll_to(page, "#samples", ".sample")
    samples = page.locator(".sample")
    expect(samples.first).to_be_visible()
    assert samples.count() >= 48
    before = painted(samples.first.locator("canvas"))
    page.get_by_role("button", name="Draw again").click()
    expect_change(samples.first.locator("canvas"), before)
    samples.nth(4).hover()
    expect(page.get_by_text("Drawn from the prior")).to_be_visible()
    expect(drawn.locator(".mark-sample")).to_be_attached()
    leave(page)
    expect(drawn.locator(".mark-sample")).to_have_count(0)


def test_training_curves_of_all_runs_in_one_plot_which_can_be_saved(
    watch: Any, view: str, trio: Any, client: Any, tmp_path: Path
) -> None:
    page = watch.open(view)
    scroll_to(page, "#training", ".curves .scatterlayer .trace")
    curves = page.locator(".curves")
    expect(curves.locator(".scatterlayer .trace")).to_have_count(6)
    for title in ["Standard normal", "Mixture of Gaussians", "VampPrior"]:
        expect(curves.locator(".annotation-text", has_text=title)).to_have_count(1)
    saved = {}
    for name in ("Save as SVG", "Curves as CSV"):
        page.get_by_role("button", name="Save training curves").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        saved[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[name])
    assert "Mixture of Gaussians" in saved["Save as SVG"].read_text()
    with saved["Curves as CSV"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    histories = [client.history(run.id) for run in trio]
    told = [float(row["validation_elbo"]) for row in rows]
    assert told == [value for history in histories for value in history.validation.elbo]


def test_levels_can_be_shared_or_per_panel(watch: Any, view: str) -> None:
    page = watch.open(view)
    plane(page, 2)
    levels = """() => new Set(
        [...document.querySelectorAll('.plane-plot')].map(p => p.dataset.levels)
    ).size"""
    wait_for(page, f"({levels})() === 1")
    page.get_by_role("button", name="Per panel").click()
    wait_for(page, f"({levels})() > 1")
    wait_for(page, "location.hash.includes('levels=own')")


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
def test_a_panel_can_be_saved(watch: Any, view: str, kind: str, tmp_path: Any) -> None:
    page = watch.open(view)
    plane(page)
    panel = page.locator(".panel").first
    panel.hover()
    panel.get_by_role("button", name="Save this panel").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save as {kind}").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name.startswith("priorscope-standard-")
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG" if kind == "PNG" else b"<svg")
    assert len(content) > 20_000
    if kind == "SVG":
        assert content.count(b'class="point"') == 447


def test_what_a_panel_shows_can_be_saved_as_numbers(
    watch: Any, view: str, trio: Any, client: Any, tmp_path: Path
) -> None:
    page = watch.open(f"{view}&field=aggregated_posterior")
    plane(page)
    panel = page.locator(".panel").first
    saved = {}
    for name in ("Points as CSV", "Grid as CSV", "Points and grid as NPZ"):
        panel.hover()
        panel.get_by_role("button", name="Save this panel").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        saved[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[name])

    points = client.points(trio[0].id)
    arrays = np.load(saved["Points and grid as NPZ"])
    for key in ("loc", "scale", "label", "index"):
        np.testing.assert_array_equal(arrays[key], getattr(points, key))
    bounds = (arrays["z1"][0], arrays["z1"][-1], arrays["z2"][0], arrays["z2"][-1])
    density = client.density(
        trio[0].id, field="aggregated_posterior", resolution=len(arrays["z1"]), bounds=bounds
    )
    np.testing.assert_allclose(arrays["aggregated_posterior"], density.values, rtol=1e-5)
    with saved["Points as CSV"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["index"]) for row in rows] == points.index.tolist()
    np.testing.assert_allclose([float(row["z2"]) for row in rows], points.loc[:, 1])
    with saved["Grid as CSV"].open(encoding="utf-8-sig", newline="") as file:
        cells = [list(map(float, row)) for row in list(csv.reader(file))[1:]]
    values = arrays["aggregated_posterior"]
    assert len(cells) == values.size
    assert cells[1] == [arrays["z1"][1], arrays["z2"][0], values[0, 1]]

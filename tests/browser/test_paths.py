"""Lines between pins, and the manifold over the plane."""

from __future__ import annotations

import csv
import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import (
    axis_range,
    colours,
    expect_change,
    frame,
    leave,
    painted,
    picture,
    pixels,
    place,
    plane,
    resting,
    wait_for,
)

SLIDER = ".path-slider"


def pinned(view: str, trio: Any) -> str:
    first, second = trio[0].id, trio[1].id
    return f"{view}&pins={first}:-1.5,1;{second}:0,0;{first}:2,-1.25"


def brightness(page: Page, canvas: Any) -> list[int]:
    """The grey levels that a small picture shows: dark on light, so inverted."""
    return [255 - value for value in pixels(canvas)[::4]]


def test_two_pins_are_joined_and_a_slider_moves_between_them(
    watch: Any, view: str, trio: Any, client: Any, tmp_path: Any
) -> None:
    page = watch.open(pinned(view, trio))
    drawn = plane(page)
    expect(page.locator("#path")).to_be_hidden()
    # The middle one belongs to a run that was trained by itself: nothing leads there.
    expect(page.locator(".pin-join")).to_have_count(2)
    page.get_by_role("button", name="Join pin 1 to another").click()
    expect(page.locator(".card-pins")).to_contain_text("choose the pin that the line from pin 1")
    page.get_by_role("button", name="Join pin 1 to pin 3").click()
    expect(page.locator("#path-title")).to_have_text("Line from pin 1 to pin 3")
    expect(page.locator(".path-strip canvas")).to_have_count(13)
    expect(page.locator("#path .summary")).to_contain_text(re.compile("crosses|No hole"))
    expect(drawn.locator("path.path-line")).to_be_attached()
    expect(plane(page, 1).locator("path.path-line")).to_have_count(0)

    slider = page.locator(SLIDER)
    expect(slider).to_be_focused()
    expect(slider).to_be_in_viewport()
    expect(page.locator("#card h2").first).to_have_text("On the line")
    before = painted(picture(page))
    mark = drawn.locator(".path-at").get_attribute("d")
    page.keyboard.press("End")
    expect_change(picture(page), before)
    assert drawn.locator(".path-at").get_attribute("d") != mark
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^100% .*z1 2\.00, z2 −1\.25"))
    last = page.locator(".path-strip canvas").last
    assert painted(page.locator(".path-place canvas")) == painted(last)
    for key in ("PageDown", "PageDown", "ArrowLeft", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^78% of the way"))
    wait_for(page, "location.hash.includes('path=1,3&at=0.775')")

    z = np.array([-1.5, 1.0]) + np.linspace(0, 1, 121)[:, None] * np.array([3.5, -2.25])
    decoded = client.decode(trio[0].id, z.tolist())
    assert brightness(page, page.locator(".path-place canvas")) == pytest.approx(
        decoded.images[93].ravel().tolist(), abs=30
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="Save curve as CSV").click()
    path = tmp_path / "line.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    ratio = decoded.log_prior - decoded.log_aggregated_posterior
    assert [float(row["log_ratio"]) for row in rows] == pytest.approx(ratio.tolist(), abs=1e-6)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save strip as PNG").click()
    download.value.save_as(tmp_path / "line.png")
    assert (tmp_path / "line.png").read_bytes().startswith(b"\x89PNG")

    again = watch.open(page.url)
    expect(again.locator(SLIDER)).to_have_value("93")
    expect(again.locator(SLIDER)).to_be_enabled()
    assert painted(again.locator(".path-place canvas")) == painted(
        page.locator(".path-place canvas")
    )


def test_a_line_is_dragged_undone_and_ends_with_its_pin(watch: Any, view: str, trio: Any) -> None:
    page = watch.open(f"{pinned(view, trio)}&path=1,3")
    drawn = plane(page)
    chart = page.locator(".path-chart")
    expect(chart.locator(".path-curve")).to_be_attached()
    chart.scroll_into_view_if_needed()
    slider = page.locator(SLIDER)
    expect(slider).to_have_value("60")
    box = resting(page, chart)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(slider).to_have_value("30")
    page.locator(".path-strip canvas").nth(6).click()
    expect(slider).to_have_value("60")
    # Where the slider's thumb is, the chart's mark is.
    at = chart.locator(".path-mark line").bounding_box()
    bar = slider.bounding_box()
    assert at is not None
    assert bar is not None
    assert at["x"] == pytest.approx(bar["x"] + bar["width"] / 2, abs=3)

    page.get_by_role("button", name="Remove pin 3").click()
    expect(page.locator("#path")).to_be_hidden()
    expect(drawn.locator("path.path-line")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("#path")).to_be_visible()
    expect(drawn.locator("path.path-line")).to_be_attached()
    page.get_by_role("button", name="Remove the line", exact=True).click()
    expect(page.locator("#path")).to_be_hidden()

    # An address may ask for a line where there is none.
    page.evaluate(
        "hash => { location.hash = hash }", f"{pinned(view, trio)}&path=1,2".split("#")[1]
    )
    expect(page.locator("#path .summary")).to_contain_text("trained separately")
    expect(slider).to_be_disabled()


def test_the_manifold_takes_the_place_of_the_contours(
    watch: Any, view: str, trio: Any, client: Any, tmp_path: Any
) -> None:
    mixture = trio[1].id
    pins = f"pins={mixture}:-1,1;{mixture}:1,1&path=1,2"
    page = watch.open(f"{view}&anatomy=1&active={mixture}&large=1&{pins}")
    drawn = plane(page)
    expect(drawn.locator(".anatomy ellipse").first).to_be_attached()
    tiles = drawn.locator(".plane-manifold canvas")
    expect(tiles).to_be_hidden()
    drawn.focus()
    page.keyboard.press("m")
    expect(tiles).to_be_visible()
    expect(page.get_by_role("button", name="Manifold")).to_have_attribute("aria-pressed", "true")
    wait_for(page, "location.hash.includes('manifold=1')")
    assert len(colours(tiles)) > 16
    size = tiles.evaluate("c => [c.width, c.height, c.getBoundingClientRect().width]")
    assert size[0] == size[1]
    assert size[0] % 8 == 0
    # Each pixel of a picture is a whole number of pixels of the screen.
    scale = size[2] / size[0]
    assert scale >= 2
    assert scale == pytest.approx(round(scale), abs=0.01)

    # The tile under a place is what is decoded in its middle.
    box = tiles.bounding_box()
    outer = drawn.bounding_box()
    assert box is not None
    assert outer is not None
    shown = axis_range(drawn)
    left, top, width, _ = frame(drawn)
    unit = (shown[1] - shown[0]) / width
    row, column = 5, 6
    x = box["x"] + (column + 0.5) * 8 * scale - outer["x"] - left
    y = box["y"] + (row + 0.5) * 8 * scale - outer["y"] - top
    z = [shown[0] + x * unit, shown[3] - y * unit]
    expected = client.decode(mixture, [z]).images[0]
    values = np.array(pixels(tiles)).reshape(size[1], size[0], 4)[..., 0]
    tile = 255 - values[8 * row : 8 * row + 8, 8 * column : 8 * column + 8]
    assert np.abs(tile.astype(float) - expected).mean() < 12

    # After a zoom other pictures come; they stay where they belong.
    before = painted(tiles)
    page.mouse.move(*place(drawn, 0.5, 0.5))
    page.mouse.wheel(0, -300)
    expect_change(tiles, before)
    leave(page)
    drawn.hover()
    with page.expect_download() as download:
        drawn.get_by_role("button", name="Save this panel").click()
        page.get_by_role("button", name="Save as SVG").click()
    download.value.save_as(tmp_path / "panel.svg")
    exported = (tmp_path / "panel.svg").read_text()
    assert "data:image/png" in exported
    assert exported.count('class="shape-group"') >= drawn.locator(".anatomy ellipse").count()

    # Of past epochs no decoder is stored: the contours come back, and the panel says why.
    page.evaluate("() => { location.hash += '&epoch=1' }")
    expect(tiles).to_be_hidden()
    expect(drawn.locator(".manifold-note")).to_have_text("Manifold: only of the present")
    expect(page.locator("#path .section-head")).to_contain_text("with its present weights")
    page.get_by_role("button", name="Manifold").click()
    expect(drawn.locator(".manifold-note")).to_be_hidden()

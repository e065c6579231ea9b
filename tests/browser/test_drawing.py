"""A picture drawn by hand, and where the runs encode it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import (
    colours,
    leave,
    painted,
    pixel_of,
    pixels,
    plane,
    resting,
    wait_for,
)


def board(page: Page) -> Locator:
    found = page.locator(".board")
    found.scroll_into_view_if_needed()
    return found


def draw(page: Page, *corners: tuple[float, float]) -> None:
    """Draw with the mouse; corners in cells."""
    box = resting(page, board(page))
    cell = box["width"] / 8
    at = [(box["x"] + x * cell, box["y"] + y * cell) for x, y in corners]
    page.mouse.move(*at[0])
    page.mouse.down()
    for corner in at[1:]:
        page.mouse.move(*corner, steps=6)
    page.mouse.up()


def levels(page: Page) -> np.ndarray[Any, Any]:
    """What is on the canvas, 0 to 16."""
    values = np.array(pixels(board(page).locator("canvas"))).reshape(8, 8, 4)[..., 0]
    return np.rint((255 - values.astype(float)) / (255 - 23) * 16).astype(int)


def place_told(row: Locator) -> list[float]:
    """Where a run encodes what is drawn, as its row says."""
    said = row.inner_text().replace("−", "-")
    return [float(v) for v in re.findall(r"z\d (-?\d+\.\d\d) ±", said)]


def test_a_digit_is_drawn_and_encoded_by_every_run(
    watch: Any, view: str, trio: Any, client: Any, until: Any
) -> None:
    page = watch.open(view)
    drawn = plane(page)
    expect(page.locator("#draw")).to_contain_text("Nothing is drawn yet")
    shape = resting(page, board(page).locator("canvas"))
    draw(page, (2, 1.3), (6, 1.3), (3, 7.2))
    rows = page.locator(".encoding")
    expect(rows).to_have_count(3)
    for row in rows.all():
        expect(row).to_contain_text(re.compile(r"z1 −?\d\.\d\d ± \d\.\d\d, z2 .* · log p\(z\) −\d"))
        expect(row.locator(".ratio")).to_have_text(re.compile(r"^(Hole|Covered|Uncovered|Outside)"))
        assert len(colours(row.locator("canvas"))) > 3
    for panel in range(3):
        expect(plane(page, panel).locator(".drawn-line")).to_have_count(2)
        expect(plane(page, panel).locator(".mark-drawn")).to_have_count(1)
    seen = levels(page)
    assert seen[1, 4] == 16
    # What appears beside it does not pull it out of shape.
    assert resting(page, board(page).locator("canvas")) == shape
    assert seen[6, 7] == 0
    soft = set(seen.ravel()) - {0, 16}
    assert soft

    # The same as the server says of the same picture, once all of it has been encoded.
    encoded = client.encode(trio[1].id, [(seen * 255 / 16).tolist()])
    until(lambda: place_told(rows.nth(1)) == pytest.approx(encoded.loc[0].tolist(), abs=0.006))
    assert drawn.locator(".drawn-line").first.get_attribute("rx") is not None

    # A second stroke is undone as a whole, the first stays.
    with_one = painted(board(page).locator("canvas"))
    # The address follows a moment later.
    page.wait_for_timeout(300)
    wait_for(page, "location.hash.includes('drawing=')")
    address = page.url
    draw(page, (1, 6), (7, 6))
    assert painted(board(page).locator("canvas")) != with_one
    page.keyboard.press("Control+z")
    assert painted(board(page).locator("canvas")) == with_one

    wait_for(page, "address => location.href === address", address)
    again = watch.open(page.url)
    expect(again.locator(".encoding").nth(2)).to_contain_text("log p(z)")
    assert painted(board(again).locator("canvas")) == with_one

    page.get_by_role("button", name="Eraser").click()
    draw(page, (0, 1.5), (8, 1.5))
    assert levels(page)[1].max() == 0
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(0)
    expect(drawn.locator(".drawn-line")).to_have_count(0)


def test_a_drawing_by_keyboard(watch: Any, view: str) -> None:
    page = watch.open(view)
    plane(page)
    page.get_by_role("button", name="Eraser").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".board")).to_be_focused()
    expect(page.locator(".board-cursor")).to_be_visible()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", " "):
        page.keyboard.press(key)
    expect(page.locator("#announcer")).to_have_text("Row 2, column 3: level 16 of 16.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("+")
    expect(page.locator("#announcer")).to_have_text("Row 3, column 3: level 4 of 16.")
    seen = levels(page)
    assert (seen[1, 2], seen[2, 2], seen.sum()) == (16, 4, 20)
    expect(page.locator(".encoding")).to_have_count(3)
    page.keyboard.press("Control+z")
    assert levels(page).sum() == 16


def test_a_test_image_is_taken(watch: Any, view: str, trio: Any, client: Any, until: Any) -> None:
    page = watch.open(view)
    drawn = plane(page)
    points = client.points(trio[0].id)
    # A point that has no others about it.
    apart = np.linalg.norm(points.loc[:, None] - points.loc[None], axis=-1) + np.eye(points.count)
    row = int(apart.min(axis=1).argmax())
    page.mouse.move(*pixel_of(drawn, points.loc[row].tolist()))
    expect(page.locator(".nearby-class")).to_have_text(f"Class {points.label[row]}")
    leave(page)
    button = page.get_by_role("button", name="Take test image")
    button.scroll_into_view_if_needed()
    index = int(points.index[row])
    expect(button).to_have_text(f"Take test image {index}")
    button.click()
    expect(page.locator(".encoding").first).to_contain_text("log p(z)")
    image = client.dataset_images("digits", split="all", index=[index]).images[0]
    assert levels(page).tolist() == np.rint(image / 255 * 16).astype(int).tolist()
    # It lands where the panel shows it.
    told = place_told(page.locator(".encoding").first)
    assert told == pytest.approx(points.loc[row].tolist(), abs=0.006)
    before = levels(page).tolist()
    page.get_by_role("button", name="Random test image").click()
    until(lambda: levels(page).tolist() != before)


def test_lines_and_drawing_on_a_phone(watch: Any, view: str, trio: Any) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    first = trio[0].id
    page = watch.open(f"{view}&pins={first}:-1.5,1;{first}:2,-1.25&path=1,2", **phone)
    plane(page)
    expect(page.get_by_role("button", name="Help")).to_be_in_viewport(ratio=1)
    box = resting(page, board(page))
    page.touchscreen.tap(box["x"] + 4.5 * box["width"] / 8, box["y"] + 4.5 * box["width"] / 8)
    expect(page.locator(".encoding").first).to_contain_text("log p(z)")
    assert levels(page)[4, 4] == 16

    slider = page.locator(".path-slider")
    expect(slider).to_be_enabled()
    here = page.locator(".path-place canvas")
    before = painted(here)
    page.locator(".path-strip canvas").first.tap()
    expect(slider).to_have_value("0")
    assert painted(here) != before
    # The line has a picture of its own: no sheet covers it.
    expect(page.locator("#card")).to_be_hidden()
    assert page.evaluate("document.querySelector('#main').scrollWidth") <= 390

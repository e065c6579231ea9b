"""Fingers on a panel: they turn pages, select, move and zoom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import (
    axis_range,
    expect_change,
    painted,
    picture,
    pixel_of,
    place,
    plane,
    resting,
    wait_for,
)

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

Pixel = tuple[float, float]


def touch(page: Page, *fingers: Sequence[Pixel]) -> None:
    """Put fingers down, move each along its path, all in as many steps, and lift them."""
    session = page.context.new_cdp_session(page)

    def send(kind: str, step: int | None) -> None:
        places = [] if step is None else [finger[step] for finger in fingers]
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", 0)
    for step in range(1, len(fingers[0])):
        send("touchMove", step)
    send("touchEnd", None)


def phone(watch: Any, view: str) -> Page:
    """The page on a phone, once all that takes up room is there."""
    page: Page = watch.open(view, **PHONE)
    plane(page)
    # The classes and the timeline take room from the panel; what lies below it comes last.
    expect(page.locator(".legend button").first).to_be_visible()
    expect(page.locator(".timeline")).to_be_visible()
    expect(page.locator("#draw canvas").first).to_be_attached()
    expect(page.locator(".plane-plot")).to_have_attribute("data-frame", re.compile(r"^32 1 341 "))
    page.wait_for_timeout(200)
    return page


def test_swiping_turns_to_the_next_panel(watch: Any, view: str) -> None:
    page = phone(watch, view)
    x, y = place(plane(page), 0.8, 0.5)
    home = axis_range(plane(page))
    touch(page, [(x - 20 * step, y) for step in range(8)])
    expect(page.locator(".panel").get_by_role("heading")).to_have_text("Mixture of Gaussians")
    touch(page, [(x - 140 + 20 * step, y) for step in range(8)])
    expect(page.locator(".panel").get_by_role("heading")).to_have_text("Standard normal")
    assert axis_range(plane(page)) == pytest.approx(home)


def test_a_tap_decodes_and_a_lasso_selects(watch: Any, view: str, trio: Any, client: Any) -> None:
    page = phone(watch, view)
    drawn = plane(page)
    page.touchscreen.tap(*place(drawn, 0.4, 0.6))
    expect(picture(page)).to_be_visible()
    expect(page.locator("#card")).to_contain_text("At this place")
    page.locator("#card").get_by_role("button", name="Close").tap()

    home, before = axis_range(drawn), painted(drawn.locator(".plane-points"))
    page.get_by_role("button", name="Select", exact=True).tap()
    # The tap has brought the panel above the card.
    resting(page, drawn)
    # Around the left half of the points.
    right, y = pixel_of(drawn, np.median(client.points(trio[0].id).loc, axis=0))
    left, top = place(drawn, 0.15, 0.1)
    corners = [(left, top), (left, 2 * y - top), (right, 2 * y - top), (right, top)]
    touch(
        page,
        [
            (x + k / 5 * (u - x), y + k / 5 * (v - y))
            for (x, y), (u, v) in pairwise(corners)
            for k in range(6)
        ],
    )
    title = page.locator("#selection-title")
    expect(title).to_have_text(re.compile(r"^\d+ test images? selected$"))
    assert 150 < int(title.inner_text().split()[0]) < 300
    wait_for(page, "location.hash.includes('select=')")
    assert axis_range(drawn) == pytest.approx(home)
    expect_change(drawn.locator(".plane-points"), before)
    expect(page.locator(".panel").get_by_role("heading")).to_have_text("Standard normal")


def test_two_fingers_move_and_zoom(watch: Any, view: str) -> None:
    page = phone(watch, view)
    drawn = plane(page)
    home = axis_range(drawn)
    x, y = place(drawn, 0.5, 0.5)
    apart = [30 + 5 * step for step in range(11)]
    touch(page, [(x - d, y) for d in apart], [(x + d, y) for d in apart])
    wait_for(page, "location.hash.includes('view=')")
    zoomed = axis_range(drawn)
    factor = (zoomed[1] - zoomed[0]) / (home[1] - home[0])
    assert factor == pytest.approx(30 / 80, rel=0.1)
    # The place between the fingers stays there.
    assert sum(zoomed[:2]) / 2 == pytest.approx(sum(home[:2]) / 2, abs=0.1 * (home[1] - home[0]))

    steps = [4 * step for step in range(11)]
    touch(page, [(x - 40 + d, y + d) for d in steps], [(x + 40 + d, y + d) for d in steps])
    wait_for(
        page,
        "([a]) => document.querySelector('.plane-plot').dataset.range !== a",
        [" ".join(map(str, zoomed))],
    )
    moved = axis_range(drawn)
    assert moved[1] - moved[0] == pytest.approx(zoomed[1] - zoomed[0], rel=0.02)
    assert moved[0] < zoomed[0]
    assert moved[2] > zoomed[2]
    expect(page.locator(".panel").get_by_role("heading")).to_have_text("Standard normal")
    expect(picture(page)).to_be_hidden()

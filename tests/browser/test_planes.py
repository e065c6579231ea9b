"""Latent spaces of more than two dimensions, shown on planes, and those of one, as curves."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.client import PriorscopeClient
from backend.schemas import Run
from tests.browser.screen import (
    axis_range,
    expect_change,
    hover,
    leave,
    painted,
    picture,
    place,
    plane,
    scroll_to,
    wait_for,
)


@pytest.fixture(scope="session")
def line(client: PriorscopeClient, train: Callable[..., Run]) -> Run:
    """A finished run whose latent space is a line."""
    return train(client, "standard", latent_dim=1, network={"hidden": [16]})


def slider(page: Page, name: str) -> Any:
    return page.get_by_role("slider", name=re.compile(rf"^{name},"))


def coordinate(page: Page, name: str) -> float:
    return float(page.get_by_label(name, exact=True).input_value())


def test_a_plane_is_chosen_moved_and_found_again(watch: Any, server: Any, solid: Run) -> None:
    page = watch.open(f"{server.url}/#runs={solid.id}")
    drawn = plane(page)
    reading = drawn.locator(".plane-reading")
    expect(reading).to_have_text("Marginal, exact")
    expect(page.get_by_label("The plane’s first direction")).to_have_value("1")
    page.get_by_role("button", name="Axes", exact=True).click()
    page.get_by_label("The plane’s second direction").select_option("3")
    expect(slider(page, "z2")).to_be_visible()
    expect(slider(page, "z3")).to_have_count(0)

    drawn.focus()
    page.keyboard.press("ArrowRight")
    expect(picture(page)).to_be_visible()
    at = [coordinate(page, name) for name in ("z1", "z2", "z3")]
    before = painted(picture(page))
    slider(page, "z2").focus()
    for _ in range(5):
        page.keyboard.press("Shift+ArrowRight")
    expect_change(picture(page), before)
    moved = [coordinate(page, name) for name in ("z1", "z2", "z3")]
    assert moved[1] > at[1] + 0.5
    assert (moved[0], moved[2]) == pytest.approx((at[0], at[2]))

    before = painted(drawn.locator(".plane-plot canvas"))
    page.get_by_role("button", name="Slice", exact=True).click()
    expect(reading).to_have_text("Slice, exact")
    expect_change(drawn.locator(".plane-plot canvas"), before)
    wait_for(page, "() => /plane=axes:1,3.*reading=slice.*through=/.test(location.hash)")

    again = watch.open(page.url)
    expect(plane(again).locator(".plane-reading")).to_have_text("Slice, exact")
    expect(again.get_by_label("The plane’s second direction")).to_have_value("3")
    assert float(slider(again, "z2").input_value()) == pytest.approx(moved[1], abs=0.01)
    assert axis_range(plane(again)) == pytest.approx(axis_range(drawn))
    again.get_by_role("button", name="Back to the mean").click()
    wait_for(again, "() => !location.hash.includes('through=')")
    assert float(slider(again, "z2").input_value()) == pytest.approx(at[1], abs=0.01)


def test_pins_beside_the_plane_are_hollow_until_it_comes_to_them(
    watch: Any, server: Any, solid: Run
) -> None:
    pins = ";".join(f"{solid.id}:{z}" for z in ("0,0,0", "1,0.5,2", "-1,1.5,0.5"))
    page = watch.open(f"{server.url}/#runs={solid.id}&plane=axes:1,3&pins={pins}")
    drawn = plane(page)
    expect(drawn.locator(".mark-pin")).to_have_count(3)
    third = drawn.locator(".mark-pin", has_text=re.compile("^3"))
    expect(third).to_have_class(re.compile("mark-beside"))
    expect(third).to_contain_text("off")
    page.get_by_role("button", name="Let the plane pass through pin 3").click()
    expect(third).not_to_have_class(re.compile("mark-beside"))
    assert coordinate(page, "z2") == pytest.approx(1.5)

    page.get_by_role("button", name="Three pins").click()
    # There are no marks until the new plane is known, and nothing under the pointer either.
    expect(drawn.locator(".mark-beside.mark-pin")).to_have_count(0)
    expect(drawn.locator(".mark-pin")).to_have_count(3)
    expect(slider(page, "z2")).to_have_count(0)
    wait_for(page, "() => location.hash.includes('plane=points:')")
    expect(drawn.locator(".plane-reading")).to_have_text("Marginal, exact")
    hover(page, drawn, 0.4, 0.6)
    expect(page.locator("#card h2").first).to_have_text("Under the pointer")
    expect(picture(page)).to_be_visible()


def test_images_selected_on_one_plane_stay_selected_on_another(
    watch: Any, server: Any, solid: Run
) -> None:
    page = watch.open(f"{server.url}/#runs={solid.id}&plane=axes:1,2")
    drawn = plane(page)
    page.keyboard.down("Shift")
    page.mouse.move(*place(drawn, 0.3, 0.3))
    page.mouse.down()
    page.mouse.move(*place(drawn, 0.5, 0.6), steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    title = page.locator("#selection-title")
    expect(title).to_contain_text("selected")
    selected = title.inner_text()
    page.get_by_label("The plane’s second direction").select_option("3")
    wait_for(page, "() => location.hash.includes('selectplane=axes:1,2')")
    expect(drawn.locator(".region path")).to_have_count(0)
    expect(title).to_have_text(selected)
    again = watch.open(page.url)
    expect(again.locator("#selection-title")).to_have_text(selected)


def test_holes_on_a_plane_are_cylinders(watch: Any, server: Any, solid: Run) -> None:
    page = watch.open(f"{server.url}/#runs={solid.id}&threshold=3")
    plane(page)
    scroll_to(page, "#holes", ".holes-table tbody tr")
    worst = page.get_by_role("table", name="Worst of 20,000 draws")
    expect(worst.locator("tbody tr")).to_have_count(12)
    expect(page.locator("#holes .summary")).to_contain_text("In the whole latent space")
    page.get_by_role("button", name="Draw 1: pin it").click()
    expect(page.locator("#card h2").first).to_have_text("Pinned")
    expect(page.locator(".coordinate input")).to_have_count(3)
    expect(picture(page)).to_be_visible()
    # The plane has come to the pin.
    expect(page.locator(".mark-pin")).to_have_count(1)
    expect(page.locator(".mark-beside")).to_have_count(0)


@pytest.mark.expected_errors("status of 422")
def test_a_plane_that_a_run_does_not_have_is_explained(watch: Any, server: Any, solid: Run) -> None:
    page = watch.open(f"{server.url}/#runs={solid.id}&plane=axes:1,5")
    expect(page.locator(".plane-message")).to_contain_text(
        "There is no coordinate 5; this latent space has 1 to 3"
    )
    page.get_by_role("button", name="Components").click()
    expect(plane(page).locator(".plane-reading")).to_have_text("Marginal, exact")


def test_a_place_of_three_coordinates_is_typed(watch: Any, server: Any, solid: Run) -> None:
    page = watch.open(f"{server.url}/#runs={solid.id}&plane=axes:1,2")
    plane(page)
    page.get_by_label("z3", exact=True).fill("2.5")
    expect(picture(page)).to_be_visible()
    expect(page.locator(".mark-cursor.mark-beside")).to_contain_text("off")
    expect(scroll_to(page, "#samples", ".sample")).to_be_visible()


def test_a_line_is_drawn_as_curves(watch: Any, server: Any, line: Run) -> None:
    page = watch.open(f"{server.url}/#runs={line.id}")
    drawn = plane(page)
    expect(drawn.locator(".plane-reading")).to_have_text("p(z), dashed q(z)")
    expect(page.get_by_label("z1", exact=True)).to_be_visible()
    expect(page.get_by_label("z2", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Slice", exact=True)).to_be_hidden()
    hover(page, drawn, 0.3, 0.5)
    expect(picture(page)).to_be_visible()
    left, right, bottom, top = axis_range(drawn)
    shown = coordinate(page, "z1")
    assert left < shown < (left + right) / 2
    page.mouse.click(*place(drawn, 0.3, 0.5))
    expect(drawn.locator(".mark-pin")).to_have_count(1)
    leave(page)

    drawn.focus()
    before = painted(drawn.locator(".plane-plot canvas"))
    page.keyboard.press("3")
    expect(drawn.locator(".plane-reading")).to_have_text("log p(z)/q(z), in nats")
    expect_change(drawn.locator(".plane-plot canvas"), before)
    page.keyboard.press("+")
    wait_for(page, "() => location.hash.includes('view=')")
    zoomed = axis_range(drawn)
    assert zoomed[1] - zoomed[0] < right - left
    assert zoomed[2:] == pytest.approx([bottom, top])
    page.keyboard.press("s")
    expect(page.locator("#selection-title")).to_contain_text("selected")
    page.get_by_role("button", name="3×").first.click()
    scroll_to(page, "#holes", ".summary:not(:empty)")
    expect(page.locator("#holes .summary")).to_contain_text(re.compile("Of 100 draws|No hole"))

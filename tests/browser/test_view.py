"""The view: address, theme, sizes of screen."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    axis_range,
    colours,
    expect_same,
    hover,
    leave,
    picture,
    place,
    plane,
    wait_for,
)


def test_the_address_reproduces_the_screen_in_a_new_tab(watch: Any, view: str) -> None:
    page = watch.open(view)
    drawn = plane(page, 1)
    drawn.focus()
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator(".legend").get_by_role("button", name="4", exact=True).click()
    page.get_by_role("button", name="Per panel").click()
    page.get_by_role("button", name="Theme: system").click()
    page.get_by_role("button", name="Theme: light").click()
    wait_for(page, "location.hash.includes('theme=dark')")
    leave(page)

    again = watch.open(page.url)
    copy = plane(again, 1)
    expect(again.locator(".panel")).to_have_count(3)
    assert axis_range(copy) == pytest.approx(axis_range(drawn), rel=1e-4)
    expect(copy.locator(".mark-pin")).to_have_text("1")
    expect(again.locator(".legend").get_by_role("button", pressed=True)).to_have_text(["4"])
    expect(again.get_by_role("button", name="Per panel")).to_have_attribute("aria-pressed", "true")
    expect(again.locator("html")).to_have_attribute("data-theme", "dark")
    expect_same(again.locator(".pin canvas"), page.locator(".pin canvas"))


def test_one_panel_can_fill_the_stage(watch: Any, view: str) -> None:
    page = watch.open(view)
    before = plane(page, 2).bounding_box()
    page.locator(".panel").nth(2).hover()
    page.locator(".panel").nth(2).get_by_role("button", name="Enlarge this panel").click()
    expect(page.locator(".panel")).to_have_count(1)
    after = plane(page).bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > 2 * before["width"]
    page.get_by_role("tab", name="Mixture of Gaussians").click()
    expect(page.locator(".panel").get_by_role("heading")).to_have_text("Mixture of Gaussians")
    page.locator(".panel").hover()
    page.get_by_role("button", name="Show all panels").click()
    expect(page.locator(".panel")).to_have_count(3)


def brightness(page: Any) -> int:
    return sum(sum(colour) * n for colour, n in colours(picture(page)).items())


def test_the_dark_theme_recolours_plots_and_pictures(watch: Any, view: str, until: Any) -> None:
    page = watch.open(view)
    drawn = plane(page)
    plot = drawn.locator(".plane-plot canvas")
    assert (251, 251, 250) in colours(plot)
    hover(page, drawn)
    expect(picture(page)).to_be_visible()
    light = brightness(page)
    page.emulate_media(color_scheme="dark")
    until(lambda: (19, 20, 22) in colours(plot))
    assert (251, 251, 250) not in colours(plot)
    hover(page, drawn)
    until(lambda: brightness(page) < light)


def test_on_a_phone_one_panel_tabs_drawer_and_sheet(watch: Any, view: str) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = watch.open(view, **phone)
    drawn = plane(page)
    expect(page.locator(".panel")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(picture(page)).to_be_hidden()
    page.touchscreen.tap(*place(drawn, 0.5, 0.5))
    expect(picture(page)).to_be_visible()
    box = page.locator("#card").bounding_box()
    assert box is not None
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Pin this place").tap()
    expect(page.locator(".pins .pin")).to_have_count(1)
    page.locator("#card").get_by_role("button", name="Close").tap()
    expect(picture(page)).to_be_hidden()
    page.get_by_role("tab", name="VampPrior").tap()
    expect(page.locator(".panel").get_by_role("heading")).to_have_text("VampPrior")
    expect(page.locator(".run").first).to_be_hidden()
    page.get_by_role("button", name="Runs").tap()
    expect(page.locator(".run").first).to_be_visible()


def test_help_explains_and_closes(watch: Any, view: str) -> None:
    page = watch.open(view)
    page.get_by_role("button", name="Help").click()
    dialog = page.get_by_role("dialog", name="How to read this page")
    expect(dialog).to_contain_text("Aggregated posterior")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_link_to_a_run_that_is_gone_says_so(watch: Any, view: str) -> None:
    page = watch.open(f"{view},nowhere")
    plane(page)
    expect(page.get_by_text("One run of this view is no longer in the store.")).to_be_visible()


def test_the_comparison_is_chosen_by_checkboxes(watch: Any, view: str) -> None:
    page = watch.open(view)
    plane(page, 2)
    # Others of that name may have been trained by other tests.
    shown = page.locator(".run", has_text="VampPrior", has=page.locator(":checked"))
    shown.get_by_role("checkbox").uncheck()
    expect(page.locator(".panel")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(page.locator(".panel")).to_have_count(3)

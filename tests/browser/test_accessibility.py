"""What axe-core, an independent checker of WCAG, finds on the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import hover, plane, scroll_to

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SCREENS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": PHONE,
    "narrow dark": PHONE | {"color_scheme": "dark"},
}


def violations(page: Page) -> list[str]:
    """The serious and critical ones: rule, what it says, and the places."""
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await axe.run({resultTypes: ['violations']})).violations"
    )
    return [
        f"{one['id']}: {one['help']}: "
        + ", ".join(str(node["target"]) for node in one["nodes"][:5])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.fixture(autouse=True)
def _axe() -> None:
    if AXE.exists():
        return
    reason = "axe-core is not installed: `npm ci` does it."
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.mark.parametrize("screen", SCREENS)
def test_the_page_has_no_serious_violation(watch: Any, holey: str, screen: str) -> None:
    page = watch.open(f"{holey}&field=log_ratio&anatomy=1", **SCREENS[screen])
    hover(page, plane(page))
    scroll_to(page, "#holes", ".holes-table tbody tr")
    for section in page.locator(".section:visible").all():
        section.scroll_into_view_if_needed()
    expect(page.locator(".holes-table tbody tr").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("name", ["New run", "Data", "Reproduce", "Help", "Save animation"])
def test_dialogs_have_no_serious_violation(watch: Any, view: str, name: str) -> None:
    page = watch.open(view)
    plane(page)
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("dialog")).not_to_contain_text("Loading")
    assert violations(page) == []

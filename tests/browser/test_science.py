"""Fields, holes, figures and anatomy on the page."""

from __future__ import annotations

import csv
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.screen import (
    axis_range,
    expect_colours,
    hover,
    leave,
    painted,
    picture,
    place,
    plane,
    scroll_to,
    wait_for,
)

FIELD = "document.querySelector('.plane-plot').dataset.field"


def test_log_ratio_shows_holes_and_the_list_flies_to_them(watch: Any, holey: str) -> None:
    page = watch.open(holey)
    drawn = plane(page)
    expect(drawn.locator(".hole-line")).to_have_count(0)
    home = axis_range(drawn)
    page.get_by_role("button", name="Log-ratio").click()
    wait_for(page, f"{FIELD} === 'log_ratio'")
    wait_for(page, "location.hash.includes('field=log_ratio')")
    expect(drawn.locator(".hole-line").first).to_be_attached()
    expect(drawn.locator(".hole-numbers text").first).to_have_text("1")
    expect(page.locator(".density-key")).to_contain_text("uncovered ≤ −5")
    expect(page.locator(".density-key")).to_contain_text("≥ 5 hole")

    first = scroll_to(page, "#holes", ".holes-table tbody tr")
    expect(first).to_contain_text(re.compile(r"The prior promises [\w, .]+ what the data put here"))
    expect(first).to_contain_text(re.compile(r"Class \d"))
    decoded, real = first.locator("canvas").nth(0), first.locator("canvas").nth(1)
    expect_colours(real, 3)
    expect_colours(decoded, 3)
    assert painted(decoded) != painted(real)
    first.get_by_role("button", name="Hole 1: go there").click()
    wait_for(page, "document.querySelector('#main').scrollTop === 0")
    expect(page.locator("#card h2").first).to_have_text("Pinned")
    expect(page.locator("#card .ratio")).to_contain_text("Hole: the prior promises")
    expect(drawn.locator(".mark-pin")).to_have_text("1")
    wait_for(page, "location.hash.includes('view=')")
    zoomed = axis_range(drawn)
    assert zoomed[1] - zoomed[0] < home[1] - home[0]
    expect_colours(picture(page), 5)


def test_fields_by_keyboard_and_in_the_address(watch: Any, view: str) -> None:
    page = watch.open(view)
    drawn = plane(page)
    drawn.focus()
    page.keyboard.press("3")
    expect(page.get_by_role("button", name="Log-ratio")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("h")
    page.keyboard.press("2")
    page.keyboard.press("a")
    wait_for(page, "location.hash.includes('anatomy=1')")
    assert "field=aggregated_posterior" in page.url
    again = watch.open(page.url)
    chosen = again.get_by_role("button", name="Aggregated posterior")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(again.locator(".density-key")).to_contain_text("log q(z)")
    expect(plane(again, 1).locator(".anatomy ellipse").first).to_be_attached()


def test_the_threshold_changes_outlines_and_list(watch: Any, holey: str) -> None:
    page = watch.open(f"{holey}&holes=on")
    drawn = plane(page)
    expect(drawn.locator(".hole-line").first).to_be_attached()
    before = drawn.locator(".hole-line").first.get_attribute("d")
    with page.expect_response(re.compile("holes.tau=3$")):
        page.get_by_role("button", name="3×", exact=True).first.click()
    wait_for(
        page,
        "before => document.querySelector('.hole-line')?.getAttribute('d') !== before",
        before,
    )
    page.locator(".stage-tools").get_by_role("button", name="Holes", exact=True).click()
    expect(drawn.locator(".hole-line")).to_have_count(0)


def test_a_pinned_place_tells_everything(watch: Any, view: str) -> None:
    page = watch.open(view)
    drawn = plane(page)
    hover(page, drawn, 0.5, 0.5)
    training = page.locator(".neighbours").first.locator("canvas")
    expect(training).to_have_count(1)
    expect(page.locator("#card .ratio")).to_have_text(
        re.compile(r"^(Hole|Covered|Uncovered|Outside): .+")
    )
    page.mouse.click(*place(drawn, 0.5, 0.5))
    leave(page)
    expect(page.locator("#card h2").first).to_have_text("Pinned")
    expect(training).to_have_count(4)
    expect(page.locator(".neighbours").nth(1).locator("canvas")).to_have_count(4)
    expect(page.locator("#card")).to_contain_text(re.compile(r"Encoded again, .* away"))
    expect(drawn.locator(".drift-end")).to_be_attached()
    for row in page.locator(".reading dd").all():
        expect(row).to_have_text(re.compile(r"^−?\d+\.\d\d$"))
    page.keyboard.press("Escape")
    expect(page.locator(".pins .pin")).to_have_count(0)
    expect(picture(page)).to_be_hidden()


def test_numbers_sort_explain_and_leave_as_csv(
    watch: Any, view: str, trio: Any, tmp_path: Any
) -> None:
    page = watch.open(view)
    plane(page)
    scroll_to(page, "#numbers", ".figures tbody tr")
    table = page.locator(".figures")
    expect(table.locator("tbody tr")).to_have_count(3)
    by_mass = sorted(trio, key=lambda run: run.metrics.hole_mass["10"].value)
    table.get_by_role("button", name="Hole mass 10×", exact=True).click()
    expect(table.locator("tbody tr").first).to_have_attribute("data-run", by_mass[0].id)
    expect(table.locator("th[aria-sort=ascending]")).to_contain_text("Hole mass 10×")
    wait_for(page, "location.hash.includes('sort=hole_mass_10')")

    table.get_by_role("button", name="What is Marginal KL?").focus()
    page.keyboard.press("Enter")
    explanation = page.get_by_role("dialog", name="Marginal KL")
    expect(explanation).to_contain_text("grid points")
    expect(explanation.locator(".formula")).to_contain_text("q(z)")
    page.keyboard.press("Escape")
    expect(explanation).to_have_count(0)

    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    path = tmp_path / "figures.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["run"] for row in rows] == [run.id for run in trio]
    for row, run in zip(rows, trio, strict=True):
        assert float(row["marginal_kl"]) == run.metrics.train.marginal_kl.value
        along = run.metrics.dimension_mutual_information
        assert float(row["mutual_information_z1"]) == along[0].value
        assert float(row["mutual_information_z2"]) == along[1].value

    page.get_by_role("button", name="All figures").click()
    shown = table.locator(f'tr[data-run="{trio[0].id}"]')
    first = trio[0].metrics.dimension_mutual_information[0].value
    expect(shown.locator(f'td[title^="{first}"]')).to_have_text(f"{first:.2f}")
    table.get_by_role("button", name="What is I(x; z₂)?").click()
    expect(page.get_by_role("dialog", name="I(x; z₂)")).to_contain_text("this dimension")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="All figures").click()

    scroll_to(page, "#numbers", ".hole-curves .scatterlayer .trace")
    expect(page.locator(".hole-curves .scatterlayer .trace")).to_have_count(6)
    expect(page.locator(".hole-curves-legend li")).to_have_count(3)
    page.get_by_role("button", name="Save hole curves").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as SVG").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "priorscope-hole-curves.svg"
    # Beside the curves, where the page has a list, the picture has a legend.
    assert path.read_text().count('class="legendtext"') == 3
    expect(page.locator(".surgery-run")).to_have_count(3)
    ends = page.locator(".surgery-run").evaluate_all(
        """runs => runs.map(run => [...run.querySelectorAll('.surgery-bar')].map(bar => {
            const label = bar.getAttribute('aria-label').replaceAll('−', '-');
            const parts = label.match(/-?[\\d.]+(?=,|$)/g);
            return parts.reduce((total, part) => total + Number(part), 0);
        }))"""
    )
    for first, second in ends:
        assert first == pytest.approx(second, abs=0.025)


def test_anatomy_shows_components_and_pseudo_inputs(watch: Any, view: str, trio: Any) -> None:
    page = watch.open(f"{view}&anatomy=1&active={trio[2].id}&large=1")
    drawn = plane(page)
    expect(drawn.locator(".anatomy ellipse").first).to_be_attached()
    expect(drawn.locator("image.pseudo-input").first).to_be_visible()
    strip = page.locator("#anatomy")
    strip.scroll_into_view_if_needed()
    expect(strip).to_contain_text("components with the variety of")
    weights = [float(text.rstrip("%")) for text in strip.locator(".component").all_inner_texts()]
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) == pytest.approx(100, abs=len(weights) / 2)
    before = page.locator(".pin").count()
    strip.locator(".component").first.click()
    expect(page.locator(".pin")).to_have_count(before + 1)


def test_science_on_a_phone(watch: Any, holey: str) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = watch.open(f"{holey}&field=log_ratio", **phone)
    expect(plane(page).locator(".hole-line").first).to_be_attached()
    scroll_to(page, "#holes", ".holes-table tbody tr")
    scroll_to(page, "#numbers", ".figures tbody tr")
    expect(page.locator(".holes-table tbody tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("document.querySelector('#main').scrollWidth") <= 390
    page.get_by_role("button", name="Hole 1: go there").tap()
    expect(picture(page)).to_be_visible()

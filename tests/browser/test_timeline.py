"""Through time: the scrubber, playing, pausing the live view, saving an animation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.screen import (
    axis_range,
    expect_still,
    hover,
    painted,
    plane,
    resting,
    scroll_to,
    wait_for,
)

CONTOURS = """() => [...document.querySelectorAll('.plane-plot canvas')].map(canvas =>
    canvas.toDataURL())"""
LISTEN = """() => {
    const text = document.querySelector('.timeline-text');
    const play = document.querySelector('.timeline-steps button');
    window.visited = [];
    window.labels = [];
    new MutationObserver(() => window.visited.push(text.textContent))
        .observe(text, {childList: true, characterData: true, subtree: true});
    new MutationObserver(() => window.labels.push(play.title)).observe(play, {attributes: true});
}"""


@pytest.fixture
def posteriors(view: str) -> str:
    """Three runs with the field that moves most."""
    return f"{view}&field=aggregated_posterior"


def said(page: Page) -> Locator:
    """What the timeline says."""
    return page.locator(".timeline-text")


def expect_epochs(page: Page, text: str, panels: int = 3) -> None:
    """Wait until all panels say that they show an epoch, and until their points have arrived."""
    expect(page.locator(".panel-figure strong")).to_have_text([text] * panels)
    expect_still(page, int(text.split()[1]), panels)


def expect_played(page: Page) -> None:
    """Wait until it has been played, which may have been over at once, to the end."""
    wait_for(page, "window.labels.includes('Stop playing (Space)')")
    expect(page.get_by_role("button", name="Play the training")).to_be_visible()


def look(page: Page) -> tuple[list[str], list[str]]:
    """Points and contours of all panels."""
    points = [painted(canvas) for canvas in page.locator(".plane-points").all()]
    contours: list[str] = page.evaluate(CONTOURS)
    return points, contours


def steady_look(page: Page) -> tuple[list[str], list[str]]:
    """The same, once nothing changes any more."""
    seen = look(page)
    for _ in range(60):
        page.wait_for_timeout(700)
        if (now := look(page)) == seen:
            return now
        seen = now
    raise AssertionError("the panels never come to rest")


def expect_all_moved(before: Any, after: Any) -> None:
    for old, new in zip(before, after, strict=True):
        assert all(one != other for one, other in zip(old, new, strict=True))


def test_steps_move_points_and_contours_of_all_panels_in_a_frame_that_holds_still(
    watch: Any, posteriors: str
) -> None:
    page = watch.open(posteriors)
    planes = [plane(page, number) for number in range(3)]
    expect(said(page)).to_have_text("Now: kept weights")
    page.get_by_role("button", name="One stored epoch back").click()
    expect_epochs(page, "Epoch 3 of 3")
    last, frames = look(page), [axis_range(drawn) for drawn in planes]
    page.get_by_role("slider", name="Epoch").focus()
    page.keyboard.press("Home")
    expect_epochs(page, "Epoch 0 of 3")
    first = look(page)
    expect_all_moved(last, first)
    page.keyboard.press("ArrowRight")
    expect_epochs(page, "Epoch 1 of 3")
    expect_all_moved(first, look(page))
    expect(said(page)).to_have_text("Epoch 1 of 3")
    assert [axis_range(drawn) for drawn in planes] == frames
    page.get_by_role("button", name="Now", exact=True).click()
    expect(said(page)).to_have_text("Now: kept weights")
    expect(page.locator(".panel-figure").first).to_contain_text("holes")


def test_playing_by_keyboard_leaves_no_epoch_out(watch: Any, posteriors: str) -> None:
    page = watch.open(posteriors)
    drawn = plane(page)
    page.get_by_role("button", name="4×", exact=True).click()
    page.evaluate(LISTEN)
    drawn.focus()
    page.keyboard.press(" ")
    expect_played(page)
    visited = [text for text in page.evaluate("window.visited") if "loading" not in text]
    assert list(dict.fromkeys(visited)) == [f"Epoch {epoch} of 3" for epoch in range(4)]
    expect_epochs(page, "Epoch 3 of 3")
    page.keyboard.press(",")
    expect_epochs(page, "Epoch 2 of 3")
    page.keyboard.press(".")
    page.keyboard.press(".")
    expect(said(page)).to_have_text("Now: kept weights")


@pytest.mark.expected_errors("503")
@pytest.mark.parametrize("at", ["", "&epoch=1"])
def test_what_a_busy_server_refused_is_asked_for_again(
    watch: Any, posteriors: str, at: str
) -> None:
    busy = re.compile(r"/api/(overview|runs/\w+/)")
    page = watch.open("about:blank")
    page.route(busy, lambda route: route.fulfill(status=503))
    page.goto(f"{posteriors}{at}")
    expect(page.locator(".plane-message").first).to_have_text("The server answered 503.")
    page.unroute(busy)
    drawn = plane(page)
    expect(said(page)).to_have_text("Epoch 1 of 3" if at else "Now: kept weights")
    expect(page.locator(".plane-message:visible")).to_have_count(0)
    page.evaluate(LISTEN)
    drawn.focus()
    page.keyboard.press(" ")
    expect_played(page)


def test_the_address_holds_the_epoch_and_the_zoom_survives(watch: Any, posteriors: str) -> None:
    page = watch.open(posteriors)
    drawn = plane(page, 1)
    drawn.focus()
    page.keyboard.press("+")
    page.keyboard.press("+")
    wait_for(page, "location.hash.includes('view=')")
    zoomed = axis_range(drawn)
    scrubber = page.get_by_role("slider", name="Epoch").bounding_box()
    assert scrubber is not None
    page.mouse.move(scrubber["x"] + scrubber["width"] - 8, scrubber["y"] + 12)
    page.mouse.down()
    page.mouse.move(scrubber["x"] + 0.28 * scrubber["width"], scrubber["y"] + 12, steps=6)
    page.mouse.up()
    expect_epochs(page, "Epoch 1 of 3")
    assert axis_range(drawn) == pytest.approx(zoomed)
    wait_for(page, "location.hash.includes('epoch=1')")

    again = watch.open(page.url)
    copy = plane(again, 1)
    expect_epochs(again, "Epoch 1 of 3")
    expect(said(again)).to_have_text("Epoch 1 of 3")
    assert axis_range(copy) == pytest.approx(zoomed, rel=1e-4)
    assert look(again)[0] == look(page)[0]


def test_card_lists_and_saved_panels_say_what_is_of_which_epoch(
    watch: Any, view: str, tmp_path: Path
) -> None:
    page = watch.open(f"{view}&epoch=2&anatomy=1&active={view.rsplit(',', 1)[1]}&threshold=3")
    expect_epochs(page, "Epoch 2 of 3")
    hover(page, plane(page, 2))
    note = page.locator(".card-time")
    expect(note).to_contain_text("of the kept weights, epoch 3")
    expect(note).to_contain_text("the places of epoch 2")
    expect(plane(page, 2).locator(".anatomy ellipse").first).to_be_attached()
    page.locator(".panel").nth(2).get_by_role("button", name="Save this panel").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as SVG").click()
    download.value.save_as(tmp_path / "panel.svg")
    assert "VampPrior, seed 0: prior, epoch 2" in (tmp_path / "panel.svg").read_text()
    scroll_to(page, "#holes", ".summary:not(:empty)")
    expect(page.locator("#holes .muted").first).to_have_text("VampPrior, seed 0, epoch 2")
    expect(page.locator("#holes .summary")).to_contain_text("times what the training images put")
    expect(page.locator(".hole-picture")).to_have_count(0)
    expect(page.locator("#anatomy .muted").first).to_have_text("VampPrior, seed 0, epoch 2")


def test_a_click_in_the_training_curves_goes_there(watch: Any, view: str) -> None:
    page = watch.open(view)
    plane(page)
    curves = page.locator(".curves")
    scroll_to(page, "#training", ".curves .scatterlayer .trace")
    # What lies above has grown by what was loaded meanwhile.
    expect(page.locator(".sample").first).to_be_attached()
    curves.scroll_into_view_if_needed()
    resting(page, curves)
    x, y = curves.evaluate(
        """p => {
            const {xaxis, yaxis} = p._fullLayout;
            const box = p.getBoundingClientRect();
            const of = p._fullData[1];
            return [box.x + xaxis._offset + xaxis.d2p(of.x[1]),
                    box.y + yaxis._offset + yaxis._length / 2];
        }"""
    )
    page.mouse.move(x - 4, y)
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    expect(curves.locator(".shapelayer path")).to_be_attached()
    expect(curves.locator(".annotation-text", has_text="Epoch 2")).to_be_attached()
    expect(said(page)).to_have_text("Epoch 2 of 3")


def test_the_live_view_pauses_while_training_goes_on(watch: Any, server: Any, client: Any) -> None:
    long = {"epochs": 5000, "patience": 5000}
    run = client.create_run({"prior": {"kind": "mog"}, "training": long}, name="goes on")
    try:
        page = watch.open(f"{server.url}/#runs={run.id}")
        drawn = plane(page)
        expect(said(page)).to_have_text("Live")
        wait_for(page, "document.querySelector('.timeline-range').max > 3")
        page.get_by_role("button", name="Pause live").click()
        expect(said(page)).to_contain_text("Paused at epoch")
        expect(page.locator(".panel-figure strong")).to_contain_text("Epoch")
        expect_still(page, int(said(page).inner_text().split()[-1]))
        held, frame = look(page), axis_range(drawn)
        steps = page.locator(".timeline-range").get_attribute("max")
        wait_for(page, "n => document.querySelector('.timeline-range').max > n + 2", int(steps))
        assert look(page) == held
        page.get_by_role("button", name="Resume live").click()
        expect(said(page)).to_have_text("Live")
        wait_for(
            page,
            "before => document.querySelector('.plane-points').toDataURL() !== before",
            held[0][0],
        )

        page.get_by_role("slider", name="Epoch").focus()
        page.keyboard.press("Home")
        expect(page.locator(".panel-figure strong")).to_contain_text("Epoch 0 of")
        expect_still(page, 0)
        held, frame = look(page), axis_range(drawn)
        steps = page.locator(".timeline-range").get_attribute("max")
        wait_for(page, "n => document.querySelector('.timeline-range').max > n + 2", int(steps))
        assert look(page) == held
        assert axis_range(drawn) == frame
    finally:
        client.cancel_run(run.id)


def test_a_recording_is_cancelled_and_then_saved_as_an_animation(
    watch: Any, view: str, tmp_path: Path
) -> None:
    page = watch.open(f"{view}&holes=on")
    plane(page, 2)
    before = steady_look(page)
    page.get_by_role("button", name="Save animation").click()
    dialog = page.get_by_role("dialog", name="Save animation")
    dialog.get_by_label("Width").select_option("600 pixels")
    expect(dialog.get_by_role("combobox", name="Epochs")).to_contain_text(
        "All stored epochs: 4 pictures"
    )
    page.route("**/density?**epoch=**", lambda route: None)
    dialog.get_by_role("button", name="Record").click()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog.get_by_role("status")).to_have_text("Cancelled: nothing was saved.")
    page.unroute("**/density?**epoch=**")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Record").click()
    assert download.value.suggested_filename == "priorscope-training.gif"
    path = tmp_path / "training.gif"
    download.value.save_as(path)
    with Image.open(path) as gif:
        assert (gif.format, gif.n_frames, gif.width) == ("GIF", 4, 600)
        frames = []
        for number in range(gif.n_frames):
            gif.seek(number)
            frames.append(gif.convert("RGB").tobytes())
    assert len(set(frames)) == 4
    expect(dialog.get_by_role("status")).to_contain_text(
        "Saved as priorscope-training.gif: 4 pictures"
    )
    assert look(page) == before
    assert "epoch=" not in page.url

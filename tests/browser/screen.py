"""What a person sees and does on the page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import FloatRect, Locator, Page, expect


def wait_for(page: Page, expression: str, arg: Any = None, seconds: float = 180.0) -> None:
    """Wait until an expression holds in the page.

    Playwright's own `wait_for_function` evaluates strings in the page, which the page's
    content security policy forbids.
    """
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression, arg):
        assert time.monotonic() < deadline, f"waited in vain for {expression}"
        page.wait_for_timeout(50)


def plane(page: Page, number: int = 0) -> Locator:
    """The latent plane of a panel, once its contours are drawn."""
    plane = page.locator(".plane").nth(number)
    expect(plane.locator(".plane-plot[data-field]:not([data-field=''])")).to_be_attached()
    return plane


def hover(page: Page, plane: Locator, x: float = 0.5, y: float = 0.5) -> None:
    """Move the mouse to a place, given as shares of width and height."""
    left, top = place(plane, x, y)
    page.mouse.move(left - 3, top - 3)
    page.mouse.move(left, top)
    # The page looks where the pointer is once a frame: until then it is at the place before.
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def place(plane: Locator, x: float, y: float) -> tuple[float, float]:
    """A place of a plane in pixels of the page."""
    box = plane.bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def resting(page: Page, found: Locator, seconds: float = 180.0) -> FloatRect:
    """Where something is, once it stays there: what lies above it may still be loading."""
    deadline = time.monotonic() + seconds
    before = None
    while (box := found.bounding_box()) is None or box != before:
        assert time.monotonic() < deadline, f"{found} never rests"
        before = box
        page.wait_for_timeout(300)
    return box


def leave(page: Page) -> None:
    """Move the mouse away from all panels."""
    page.mouse.move(700, 12)


def scroll_to(page: Page, section: str, content: str, seconds: float = 180.0) -> Locator:
    """Bring a section into sight until it has content; what lies above grows as it loads."""
    found = page.locator(f"{section} {content}")
    deadline = time.monotonic() + seconds
    while found.count() == 0:
        assert time.monotonic() < deadline, f"{section} stays without {content}"
        page.locator(section).evaluate("section => section.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(200)
    return found.first


def picture(page: Page) -> Locator:
    """The large decoded picture."""
    return page.locator("#decoded")


COLOURS = """c => {
    const copy = new OffscreenCanvas(c.width, c.height);
    const context = copy.getContext('2d', {willReadFrequently: true});
    context.drawImage(c, 0, 0);
    const {data} = context.getImageData(0, 0, c.width, c.height);
    const counts = {};
    for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] < 200) continue;
        const colour = `${data[i]},${data[i + 1]},${data[i + 2]}`;
        counts[colour] = (counts[colour] ?? 0) + 1;
    }
    return counts;
}"""


def colours(canvas: Locator) -> dict[tuple[int, ...], int]:
    """How many pixels have which colour, of those that are painted."""
    counts: dict[str, int] = canvas.evaluate(COLOURS)
    return {tuple(map(int, colour.split(","))): n for colour, n in counts.items()}


def expect_colours(canvas: Locator, more_than: int, seconds: float = 180.0) -> None:
    """Wait until a canvas has more colours than so many: its picture has come."""
    deadline = time.monotonic() + seconds
    while len(colours(canvas)) <= more_than:
        assert time.monotonic() < deadline, "no picture comes"
        canvas.page.wait_for_timeout(50)


def pixels(canvas: Locator) -> list[int]:
    """The pixels of a small picture, as they are painted: red, green, blue, alpha."""
    values: list[int] = canvas.evaluate(
        """c => {
            const copy = new OffscreenCanvas(c.width, c.height);
            const context = copy.getContext('2d', {willReadFrequently: true});
            context.drawImage(c, 0, 0);
            return Array.from(context.getImageData(0, 0, c.width, c.height).data);
        }"""
    )
    return values


def painted(canvas: Locator) -> str:
    """What is on a canvas, to compare it."""
    url: str = canvas.evaluate("c => c.toDataURL()")
    return url


def expect_same(one: Locator, other: Locator, seconds: float = 180.0) -> None:
    """Wait until two canvases show the same."""
    deadline = time.monotonic() + seconds
    while painted(one) != painted(other):
        assert time.monotonic() < deadline, "the pictures differ"
        one.page.wait_for_timeout(50)


def expect_change(canvas: Locator, before: str, seconds: float = 180.0) -> None:
    """Wait until a canvas differs from what it was."""
    deadline = time.monotonic() + seconds
    while painted(canvas) == before:
        assert time.monotonic() < deadline, "the picture stays the same"
        canvas.page.wait_for_timeout(50)


def expect_still(page: Page, epoch: int, panels: int = 1) -> None:
    """Wait until all panels show an epoch, with their points where they belong."""
    expect(page.locator(f'.plane-plot[data-epoch="{epoch}"]')).to_have_count(panels)
    expect(page.locator('.plane-points[data-still="true"]')).to_have_count(panels)


def axis_range(plane: Locator) -> list[float]:
    """What a plane shows: z1 from, z1 to, z2 from, z2 to."""
    return _numbers(plane, "data-range")


def frame(plane: Locator) -> list[float]:
    """Where the axes of a plane are, in its pixels: left, top, width, height."""
    return _numbers(plane, "data-frame")


def _numbers(plane: Locator, name: str) -> list[float]:
    text = plane.locator(".plane-plot").get_attribute(name)
    assert text is not None
    return [float(number) for number in text.split()]


def pixel_of(plane: Locator, z: Sequence[float]) -> tuple[float, float]:
    """Where a plane shows a place of the latent space, in pixels of the page."""
    box = plane.bounding_box()
    assert box is not None
    z1, z2 = map(float, z)
    z1_from, z1_to, z2_from, z2_to = axis_range(plane)
    left, top, width, height = frame(plane)
    return (
        box["x"] + left + (z1 - z1_from) / (z1_to - z1_from) * width,
        box["y"] + top + (z2_to - z2) / (z2_to - z2_from) * height,
    )

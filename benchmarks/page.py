"""The page in a real headless Chromium: first paint, hover to picture, twelve full panels."""

from __future__ import annotations

import base64
import json
import random
import re
import shutil
import statistics
from collections.abc import Iterator
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, Route, sync_playwright

from backend.client import PriorscopeClient
from benchmarks.result import Result
from benchmarks.served import server, train
from models.priors import PRIORS

CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PLACES = 120
_PAINTS = 5
_FULL = 10_000

# Keeps the moment of the pointer's last move until the large picture is painted after it.
_CLOCK = """
window.pictures = [];
window.tasks = [];
let moved = 0;
addEventListener('pointermove', () => { moved = performance.now(); }, {capture: true});
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...args) {
  put.apply(this, args);
  if (this.canvas.id !== 'decoded' || !moved) return;
  window.pictures.push(performance.now() - moved);
  moved = 0;
};
new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => e.duration)))
  .observe({type: 'longtask'});
"""

# Every panel has contours, and a canvas on which something is painted.
_DRAWN = """count => {
  const painted = (c) => c.width > 0
    && c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean);
  const drawn = [...document.querySelectorAll('.plane')].filter((panel) =>
    panel.querySelector('.plane-plot').dataset.field
    && painted(panel.querySelector('.plane-points')));
  return drawn.length >= count ? performance.now() : 0;
}"""

_TRANSFERRED = """() => performance.getEntries()
  .reduce((sum, entry) => sum + (entry.transferSize || 0), 0)"""


def run() -> list[Result]:
    """Measure milliseconds in the page, network and server included."""
    with server() as client, sync_playwright() as playwright:
        runs = [run.id for run in train(client, seeds=2)]
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        url = str(client.http.base_url)
        six = f"{url}/#runs={','.join(runs[:6])}"
        twelve = f"{url}/#runs={','.join(runs)}"
        results = [*_first_paint(browser, six), *_loaded(browser, six), *_hover(browser, six)]
        for ranges in ("own", "shared"):
            results += _full(browser, f"{twelve}&ranges={ranges}", ranges)
        results += _live(browser, client)
        browser.close()
    return results


def chromium() -> str:
    """Return the path of Chromium."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("The benchmark of the page needs Chromium on the PATH.")
    return path


def _open(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(_CLOCK)
    page.goto(url)
    return page


def wait_until_drawn(page: Page, panels: int) -> float:
    """Wait until the panels are drawn; return the milliseconds since the page was asked for."""
    while not (moment := page.evaluate(_DRAWN, panels)):
        page.wait_for_timeout(20)
    return float(moment)


def _first_paint(browser: Browser, url: str) -> list[Result]:
    moments = []
    for _ in range(_PAINTS):
        page = _open(browser, url)
        moments.append(wait_until_drawn(page, 6))
        page.context.close()
    return [Result("first useful paint of six stored runs", statistics.median(moments), "ms")]


def _loaded(browser: Browser, url: str) -> list[Result]:
    """Measure what comes over the network until six panels are there, and on the next visit."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    results = []
    for visit in ("first visit", "next visit"):
        page = context.new_page()
        page.goto(url)
        wait_until_drawn(page, 6)
        page.wait_for_timeout(4000)
        size = page.evaluate(_TRANSFERRED)
        results.append(Result(f"loaded for six panels, {visit}", size / 1e3, "kB"))
        page.close()
    context.close()
    return results


def _live(browser: Browser, client: PriorscopeClient) -> list[Result]:
    """Watch six trainings: how often a panel is painted anew, and the longest task."""
    asked = {"epochs": 60, "patience": 60, "seed": 9}
    runs = [client.create_run({"prior": {"kind": kind}, "training": asked}).id for kind in PRIORS]
    page = _open(browser, f"{client.http.base_url}/#runs={','.join(runs)}")
    while any(not client.run(run).ended for run in runs):
        page.wait_for_timeout(200)
    tasks = page.evaluate("tasks")
    page.context.close()
    return [
        Result("six trainings watched live, longest task", max(tasks, default=0.0), "ms"),
        Result("six trainings watched live, tasks over 50 ms", len(tasks), "tasks"),
    ]


def _hover(browser: Browser, url: str) -> list[Result]:
    page = _open(browser, url)
    wait_until_drawn(page, 6)
    for x, y in _places(page, _PLACES):
        page.mouse.move(x, y)
        page.wait_for_timeout(60)
    delays = sorted(page.evaluate("pictures"))
    page.context.close()
    return [
        Result("hover to picture, median", statistics.median(delays), "ms"),
        Result("hover to picture, 95th percentile", delays[int(0.95 * len(delays))], "ms"),
    ]


def _full(browser: Browser, url: str, ranges: str) -> list[Result]:
    """Twelve panels with 10,000 points each: the longest task while hovering and panning."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(_CLOCK)
    page.route(re.compile(r"/api/overview"), _fulfil)
    page.goto(url)
    wait_until_drawn(page, 12)
    page.wait_for_timeout(3000)
    page.evaluate("tasks.length = 0; pictures.length = 0")
    for x, y in _places(page, _PLACES):
        page.mouse.move(x, y)
        page.wait_for_timeout(60)
    hovering = max(page.evaluate("tasks"), default=0.0)
    delays = page.evaluate("pictures")
    page.evaluate("tasks.length = 0")
    for x, y in list(_places(page, 6)):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y + 30, steps=12)
        page.mouse.up()
        page.wait_for_timeout(700)
    panning = max(page.evaluate("tasks"), default=0.0)
    page.context.close()
    what = f"twelve panels of 10,000 points, {ranges} ranges"
    return [
        Result(f"{what}, hover to picture, median", statistics.median(delays), "ms"),
        Result(f"{what}, longest task while hovering", hovering, "ms"),
        Result(f"{what}, longest task while panning", panning, "ms"),
    ]


def _places(page: Page, count: int) -> Iterator[tuple[float, float]]:
    """Places all over the panels, the same ones every time."""
    chance = random.Random(0)
    boxes = [plane.bounding_box() for plane in page.locator(".plane").all()]
    for _ in range(count):
        box = chance.choice([box for box in boxes if box])
        yield (
            box["x"] + box["width"] * chance.uniform(0.2, 0.8),
            box["y"] + box["height"] * chance.uniform(0.2, 0.8),
        )


def _fulfil(route: Route) -> None:
    """Answer with 10,000 made-up points, as the digits have only 447 test images."""
    chance = np.random.default_rng(0)
    answer: dict[str, Any] = route.fetch().json()
    for panel in answer["panels"]:
        panel["points"] |= _many(chance)
    route.fulfill(body=json.dumps(answer), content_type="application/json")


def _many(chance: np.random.Generator) -> dict[str, Any]:
    label = chance.integers(0, 10, _FULL).astype("<i4")
    loc = chance.normal(size=(_FULL, 2)) + 1.5 * np.stack([np.cos(label), np.sin(label)], axis=1)
    return {
        "count": _FULL,
        "loc": _wire(loc.astype("<f4"), "f4"),
        "scale": _wire(np.full((_FULL, 2), 0.1, "<f4"), "f4"),
        "label": _wire(label, "i4"),
        "index": _wire(np.arange(_FULL, dtype="<i4"), "i4"),
    }


def _wire(array: np.ndarray[Any, Any], dtype: str) -> dict[str, str]:
    bdata = base64.b64encode(array.tobytes()).decode()
    return {"dtype": dtype, "bdata": bdata, "shape": ", ".join(map(str, array.shape))}

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageSequence

from backend.client import PriorscopeClient, ProblemError
from tests.conftest import Serve

CLASSES = [
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
]


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def plot(step: int) -> Image.Image:
    """Eight filled levels with smooth edges and points of ten classes, as a panel draws them."""
    large = Image.new("RGB", (480, 400), "#fbfbfa")
    draw = ImageDraw.Draw(large)
    for level in range(8):
        inset = 20 + 22 * level + step
        shade = (240 - 25 * level, 245 - 20 * level, 250 - 8 * level)
        draw.ellipse((inset, inset // 2, 480 - inset, 400 - inset), fill=shade)
    for number, colour in enumerate(CLASSES):
        x, y = 30 + 40 * number, 190 + 3 * step
        draw.ellipse((x, y, x + 16, y + 16), fill=colour, outline="#fbfbfa")
    return large.resize((240, 200), Image.Resampling.LANCZOS)


def shown(gif: bytes) -> list[tuple[Any, int]]:
    """The frames of a GIF as arrays, with their milliseconds."""
    with Image.open(io.BytesIO(gif)) as image:
        return [
            (np.asarray(frame.convert("RGB")).astype(int), int(frame.info["duration"]))
            for frame in ImageSequence.Iterator(image)
        ]


def test_frames_become_a_gif_that_looks_like_them(client: PriorscopeClient) -> None:
    frames = [plot(step) for step in range(12)]
    gif = client.create_animation([png(frame) for frame in frames], milliseconds=100, hold=900)
    with Image.open(io.BytesIO(gif)) as image:
        assert (image.format, image.size, image.info["loop"]) == ("GIF", (240, 200), 0)
    found = shown(gif)
    assert [milliseconds for _, milliseconds in found] == [100] * 11 + [1000]
    for (seen, _), frame in zip(found, frames, strict=True):
        drawn = np.asarray(frame).astype(int)
        error = np.abs(seen - drawn).max(-1)
        assert error.mean() < 1.0
        assert np.percentile(error, 99) < 16
        # What is drawn flat stays so: ground, levels and classes.
        colours, counts = np.unique(drawn.reshape(-1, 3), axis=0, return_counts=True)
        for colour in colours[np.argsort(-counts)[:18]]:
            where = (drawn == colour).all(-1)
            assert (np.abs(seen[where] - colour) <= 3).all(), colour


def test_few_colours_stay_exact(client: PriorscopeClient) -> None:
    frames = []
    for step in range(3):
        frame = Image.new("RGBA", (50, 40), (0, 0, 0, 0))
        ImageDraw.Draw(frame).rectangle((step, 5, step + 20, 30), fill=CLASSES[step])
        frames.append(frame)
    found = shown(client.create_animation([png(frame) for frame in frames], hold=0))
    assert [milliseconds for _, milliseconds in found] == [120, 120, 120]
    for (seen, _), frame, colour in zip(found, frames, CLASSES, strict=False):
        wanted = Image.new("RGB", frame.size, "white")
        wanted.paste(frame, mask=frame)
        np.testing.assert_array_equal(seen, np.asarray(wanted), err_msg=colour)


def test_one_frame_is_enough(client: PriorscopeClient) -> None:
    with Image.open(io.BytesIO(client.create_animation([png(plot(0))]))) as image:
        assert (image.format, getattr(image, "n_frames", 1)) == ("GIF", 1)


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "frames", "required"),
        ({"frames": []}, "frames", "at least 1"),
        ({"frames": ["?"]}, "frames.0", "not base64"),
        ({"frames": ["R0lGODlhAQ=="]}, "frames.0", "not a PNG"),
        ({"frames": ["iVBORw0KGgo="]}, "frames.0", "not a PNG"),
        ({"frames": ["iVBORw0KGgoAAAANSUhEUgAAAAoAAAAK"]}, "frames.0", "cannot be read"),
        ({"frames": ["é"]}, "frames.0", "not base64"),
        ({"frames": ["x"], "milliseconds": 0}, "milliseconds", "greater"),
        ({"frames": ["x"], "hold": -1}, "hold", "greater"),
        ({"frames": ["x"], "speed": 1}, "speed", "no such field"),
    ],
)
def test_what_is_no_animation_is_refused(
    client: PriorscopeClient, body: Any, field: str, message: str
) -> None:
    response = client.http.post("/api/animations", json=body)
    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert error["field"] == field
    assert message in error["message"]


def test_frames_of_different_sizes_are_refused(client: PriorscopeClient) -> None:
    sizes = [(40, 30), (40, 31)]
    frames = [png(Image.new("RGB", size)) for size in sizes]
    with pytest.raises(ProblemError, match="This is 40x31, the first one 40x30") as refused:
        client.create_animation(frames)
    assert refused.value.status == 422


def test_too_much_is_refused(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("limits") / "data"
    server = serve(data, max_frames=3, max_megapixels=1, max_body_megabytes=1)
    small, large = (png(Image.new("RGB", size)) for size in [(8, 8), (800, 800)])
    assert server.client.create_animation([small] * 3)
    for frames, message in [
        ([small] * 4, "4 frames are over the limit of 3"),
        ([large] * 2, "2 frames of 800x800 are 1 million pixels"),
        ([small + bytes(10**6)], "over the limit of 1 million bytes"),
    ]:
        with pytest.raises(ProblemError, match=message) as refused:
            server.client.create_animation(frames)
        assert refused.value.status == 413

    def chunks() -> Any:
        yield from [b" " * 600_000] * 2

    response = server.client.http.post(
        "/api/runs", content=chunks(), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 413
    assert response.json()["type"] == "urn:priorscope:problem:too-large"
    assert server.client.health().status == "ok"
    assert server.log.read_text() == ""
    server.stop()

"""Many who ask at once: work is shared, bounded, and kept within a number of bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from backend.answers import Answer, Answers
from backend.client import PriorscopeClient
from backend.errors import BusyError, TooManyStreamsError
from backend.lanes import Lane
from backend.schemas import Run
from backend.seats import Seats
from backend.settings import Settings


def answer(size: int = 10) -> Answer:
    return Answer(200, (), bytes(size), compressed=False)


class Maker:
    """Makes answers when it is let."""

    def __init__(self, size: int = 10, error: Exception | None = None) -> None:
        self.made = 0
        self.may = asyncio.Event()
        self.size = size
        self.error = error

    async def __call__(self) -> Answer:
        self.made += 1
        await self.may.wait()
        if self.error is not None:
            raise self.error
        return answer(self.size)


def ready(size: int = 10) -> Maker:
    maker = Maker(size)
    maker.may.set()
    return maker


def test_those_who_ask_at_once_share_one_answer() -> None:
    async def ask() -> None:
        answers, make = Answers(1), Maker()
        waiting = [
            asyncio.create_task(answers.get("a", make, keep=True, seconds=60.0)) for _ in range(10)
        ]
        await asyncio.sleep(0)
        other = asyncio.create_task(answers.get("b", make, keep=True, seconds=60.0))
        await asyncio.sleep(0)
        make.may.set()
        found = await asyncio.gather(*waiting)
        assert all(one is found[0] for one in found)
        await other
        assert make.made == 2
        assert await answers.get("a", make, keep=True, seconds=60.0) is found[0]
        assert (answers.made, answers.shared, answers.kept) == (2, 9, 1)

    asyncio.run(ask())


def test_what_may_change_is_shared_but_not_kept() -> None:
    async def ask() -> None:
        answers, make = Answers(1), ready()
        both = [answers.get("a", make, keep=False, seconds=60.0) for _ in range(2)]
        await asyncio.gather(*both)
        assert make.made == 1
        await answers.get("a", make, keep=False, seconds=60.0)
        assert (make.made, answers.bytes) == (2, 0)

    asyncio.run(ask())


def test_a_failure_is_everyones_and_forgotten() -> None:
    async def ask() -> None:
        answers, make = Answers(1), Maker(error=BusyError("busy"))
        waiting = [
            asyncio.create_task(answers.get("a", make, keep=True, seconds=60.0)) for _ in range(3)
        ]
        await asyncio.sleep(0)
        make.may.set()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in found] == [BusyError] * 3
        assert await answers.get("a", ready(), keep=True, seconds=60.0) == answer()

    asyncio.run(ask())


def test_who_leaves_does_not_take_the_work_along() -> None:
    async def ask() -> None:
        answers, make = Answers(1), Maker()
        first, second = (
            asyncio.create_task(answers.get("a", make, keep=True, seconds=60.0)) for _ in range(2)
        )
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        make.may.set()
        assert await second == answer()
        assert make.made == 1

    asyncio.run(ask())


def test_what_takes_too_long_is_worked_out_all_the_same() -> None:
    async def ask() -> None:
        answers, make = Answers(1), Maker()
        with pytest.raises(BusyError, match="ask again"):
            await answers.get("a", make, keep=True, seconds=0.0)
        make.may.set()
        assert await answers.get("a", make, keep=True, seconds=60.0) == answer()
        assert make.made == 1

    asyncio.run(ask())


def test_answers_take_no_more_memory_than_allowed() -> None:
    async def ask() -> None:
        answers, size = Answers(1), 300_000
        for key in "abcabd":
            await answers.get(key, ready(size), keep=True, seconds=60.0)
            assert answers.bytes <= 1_000_000
        assert answers.kept == 2
        # The one that was used longest ago has gone.
        for key, kept in [("a", True), ("b", True), ("d", True), ("c", False)]:
            before = answers.kept
            await answers.get(key, ready(size), keep=True, seconds=60.0)
            assert (answers.kept > before) is kept, key
        await answers.get("large", ready(2_000_000), keep=True, seconds=60.0)
        assert 0 < answers.bytes <= 1_000_000
        nothing = Answers(0)
        await nothing.get("a", ready(), keep=True, seconds=60.0)
        assert nothing.bytes == 0

    asyncio.run(ask())


def in_lane(lane: Lane, until: asyncio.Event) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        async with lane.turn():
            await until.wait()

    return work


def test_a_lane_lets_a_few_through_and_refuses_a_crowd() -> None:
    async def ask() -> None:
        lane, done = Lane("test", width=2, most_waiting=3), asyncio.Event()
        tasks = [asyncio.create_task(in_lane(lane, done)()) for _ in range(5)]
        await asyncio.sleep(0)
        assert lane.waiting == 3
        with pytest.raises(BusyError, match="3 requests wait"):
            await in_lane(lane, done)()
        tasks[4].cancel()
        await asyncio.sleep(0)
        assert lane.waiting == 2
        done.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert lane.waiting == 0
        await in_lane(lane, done)()

    asyncio.run(ask())


def test_one_owner_never_has_the_whole_lane() -> None:
    async def ask() -> None:
        lane, done = Lane("test", width=3, most_waiting=9), asyncio.Event()
        inside: list[str] = []

        async def work(owner: str) -> None:
            async with lane.turn(owner):
                inside.append(owner)
                await done.wait()

        tasks = [asyncio.create_task(work(owner)) for owner in "aaaab"]
        await asyncio.sleep(0.01)
        assert sorted(inside) == ["a", "a", "b"]
        done.set()
        await asyncio.gather(*tasks)
        assert sorted(inside) == list("aaaab")

    asyncio.run(ask())


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.lanes._MOST_SECONDS", 0.0)

    async def ask() -> None:
        lane, done = Lane("test", width=1, most_waiting=3), asyncio.Event()
        task = asyncio.create_task(in_lane(lane, done)())
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="no time"):
            await in_lane(lane, done)()
        done.set()
        await task
        assert lane.waiting == 0

    asyncio.run(ask())


def test_seats_are_counted_in_all_and_for_each_client() -> None:
    seats = Seats(Settings(max_streams=3, max_client_streams=2))
    with seats.take("a"), seats.take("a"):
        with pytest.raises(TooManyStreamsError, match="open to a already"), seats.take("a"):
            raise AssertionError
        with seats.take("b"), pytest.raises(BusyError, match="MAX_STREAMS"), seats.take("c"):
            raise AssertionError
        with seats.take("c"):
            assert seats.taken == 3
    assert seats.taken == 0
    with seats.take("a"):
        assert seats.taken == 1


# Over HTTP


def figures(client: PriorscopeClient) -> dict[str, float]:
    """What /metrics says of answers, by how they came about."""
    lines = client.http.get("/metrics").text.splitlines()
    found = [
        line.split('priorscope_answers_total{how="')[1]
        for line in lines
        if "answers_total{" in line
    ]
    return {line.split('"')[0]: float(line.split()[-1]) for line in found}


def test_many_viewers_of_one_run_share_the_work(client: PriorscopeClient, run: Run) -> None:
    path = f"/api/runs/{run.id}/density?field=log_ratio&resolution=173&split=validation"
    before = figures(client)

    def ask(encoding: str) -> bytes:
        with httpx.Client(base_url=client.http.base_url) as http:
            response = http.get(path, headers={"Accept-Encoding": encoding}, timeout=60)
            assert response.status_code == 200
            assert response.headers["vary"] == "Accept-Encoding"
            assert response.headers.get("content-encoding", "identity") == encoding
            return response.content

    with ThreadPoolExecutor(12) as pool:
        contents = set(pool.map(ask, ["gzip", "identity"] * 12))
    assert len(contents) == 1
    after = figures(client)
    assert after["made"] == before["made"] + 1
    assert sum(after.values()) == sum(before.values()) + 24
    # The pages of others find it too, until it is their browser that has it.
    etag = client.http.get(path).headers["etag"]
    assert client.http.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_mistakes_are_told_to_each_and_not_kept(client: PriorscopeClient, run: Run) -> None:
    path = f"/api/runs/{run.id}/density?resolution=9999"
    first, second = (client.http.get(path) for _ in range(2))
    assert first.status_code == second.status_code == 422
    assert first.json()["request_id"] != second.json()["request_id"]


def test_what_trains_is_answered_anew(client: PriorscopeClient, endless: Run) -> None:
    before = figures(client)
    for _ in range(2):
        assert client.http.get(f"/api/runs/{endless.id}/anatomy").status_code == 200
    assert figures(client)["made"] == before["made"] + 2

"""Training on the digits until it is as good as where the textbook loop ends.

Good is the validation ELBO, from many draws of z: the textbook loop ends when one noisy draw of it
has not improved for 20 epochs, and keeps its best weights.
"""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import TypeVar

import torch

from backend import fork_server
from backend.datasets import Datasets
from backend.memory import keep_freed_memory
from backend.settings import Settings
from benchmarks import textbook
from benchmarks.result import Result
from benchmarks.textbook import TextbookVAE
from models.config import RunConfig
from models.data import Dataset
from models.elbo import mean_terms
from models.train import EpochRecords, fit
from models.vae import VAE, build_vae

_SEEDS = (0, 1, 2)
_PRIORS = ("standard", "mog", "vampprior", "gtm", "gtm_vampprior", "flow")
_CORES = 2
_DRAWS = 64
_NEAR = 1.0  # nats: epochs that are worse than this by fewer draws are not judged
_WHAT, _LOOP = "digits to textbook quality", "textbook loop"

_T = TypeVar("_T")


@dataclass(frozen=True)
class _Pair:
    """All six priors with one seed: seconds of each training, by prior, and of all together."""

    loop: list[float]
    loop_best: list[float]
    """until the loop's best epochs, which it knows only once it has ended"""
    loop_together: float
    """on two cores, from the start of the processes to the end of the last one"""
    ours: list[float]
    ours_together: float
    missed: int
    """of our trainings: those that ended before they were as good"""


def run() -> list[Result]:
    """Measure seconds, of each training and of all six on two cores, their processes included."""
    pairs = [_pair(seed) for seed in _SEEDS]
    return list(_compare(pairs))


def _pair(seed: int) -> _Pair:
    spawning = multiprocessing.get_context("spawn")
    loops = [partial(_textbook, kind, seed) for kind in _PRIORS]
    trained, loop_together = _together(loops, spawning)
    dataset = _digits()
    targets = [_judge(one.vae, dataset) for one in trained]
    # A training is the same every time: where it is good enough is found first, without a clock.
    wanted = zip(_PRIORS, targets, strict=True)
    searches = [partial(_epochs_until, kind, seed, target) for kind, target in wanted]
    found, _ = _together(searches, spawning)
    known = zip(_PRIORS, found, strict=True)
    trainings = [partial(_seconds, kind, seed, epochs) for kind, epochs in known]
    ours, ours_together = _together(trainings, fork_server.context())
    # The next ones have to start the process that they are forked from, too.
    forkserver._forkserver._stop()
    return _Pair(
        loop=[one.seconds for one in trained],
        loop_best=[one.best_seconds for one in trained],
        loop_together=loop_together,
        ours=ours,
        ours_together=ours_together,
        missed=found.count(None),
    )


def _compare(pairs: list[_Pair]) -> Iterator[Result]:
    for place, kind in enumerate(_PRIORS):
        value = statistics.mean(pair.ours[place] for pair in pairs)
        baseline = statistics.mean(pair.loop[place] for pair in pairs)
        yield Result(f"{_WHAT}, {kind}", value, "s", baseline, _LOOP)
    value = statistics.mean(sum(pair.ours) for pair in pairs)
    baseline = statistics.mean(sum(pair.loop) for pair in pairs)
    yield Result(f"{_WHAT}, sum of six priors", value, "s", baseline, _LOOP)
    best = statistics.mean(sum(pair.loop_best) for pair in pairs)
    yield Result(f"{_WHAT}, the same sum", value, "s", best, f"{_LOOP} until its best epochs")
    value = statistics.mean(pair.ours_together for pair in pairs)
    baseline = statistics.mean(pair.loop_together for pair in pairs)
    yield Result(f"{_WHAT}, six priors on two cores, start included", value, "s", baseline, _LOOP)
    missed = sum(pair.missed for pair in pairs)
    yield Result(
        f"{_WHAT}, trainings that did not get there", missed, f"of {len(_PRIORS) * len(pairs)}"
    )


def _together(tasks: list[Callable[[], _T]], context: BaseContext) -> tuple[list[_T], float]:
    """Work in new processes, one for each core; return what they return, and the seconds."""
    began = time.perf_counter()
    with ProcessPoolExecutor(_CORES, context, initializer=_prepare) as pool:
        results = list(pool.map(_call, tasks))
        seconds = time.perf_counter() - began
    return results, seconds


def _call(task: Callable[[], _T]) -> _T:
    return task()


def _prepare() -> None:
    torch.set_num_threads(1)


def _textbook(kind: str, seed: int) -> textbook.Trained:
    """Train with the textbook loop."""
    return textbook.train(kind, _digits(), seed)


def _judge(vae: TextbookVAE, dataset: Dataset) -> float:
    """Return the negative validation ELBO that the textbook loop ended with, from 64 draws."""
    x = dataset.validation.x.float()
    with torch.no_grad():
        return statistics.mean(-vae.elbo(x).mean().item() for _ in range(_DRAWS))


def _epochs_until(kind: str, seed: int, target: float) -> int | None:
    """Return after how many epochs the negative validation ELBO, from 64 draws, is as good."""
    dataset = _digits()
    shape = (_DRAWS, len(dataset.validation), 2)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    vae, records = _training(kind, seed, dataset)
    for record in records:
        near = -record.validation["elbo"] <= target + _NEAR
        if near and -mean_terms(vae, dataset.validation, noise)["elbo"] <= target:
            return record.epoch
    return None


def _seconds(kind: str, seed: int, last: int | None) -> float:
    """Return the seconds until that epoch has ended; without one, until all have."""
    keep_freed_memory()
    dataset = _digits()
    began = time.perf_counter()
    _, records = _training(kind, seed, dataset)
    for record in records:
        if record.epoch == last:
            break
    return time.perf_counter() - began


def _training(kind: str, seed: int, dataset: Dataset) -> tuple[VAE, EpochRecords]:
    config = RunConfig.model_validate({"prior": {"kind": kind}, "training": {"seed": seed}})
    vae = build_vae(config, dataset)
    return vae, fit(vae, dataset, config.training)


def _digits() -> Dataset:
    with tempfile.TemporaryDirectory() as folder:
        return Datasets(Settings(data_dir=Path(folder))).load("digits")

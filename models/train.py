"""Training: a generator of epoch records."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.config import TrainingConfig
from models.data import Dataset
from models.device import choose_device, choose_precision
from models.elbo import TERM_NAMES, mean_terms, objective
from models.optimizer import AdamW
from models.training_state import restore_training, training_state
from models.vae import VAE, ElboTerms

# Steps over which the learning rate grows, at the most: a fast start can end in a poor optimum.
_RAMP_STEPS = 200
_RAMP_SHARE = 0.25  # of all steps, for short trainings
_FINAL_RATE = 0.01  # of the peak, where the cosine ends
_DIVERGED = 10.0  # times the validation objective before training
_FOLLOWED_EVERY = 4  # steps: the average follows the learner over those at once


class TrainingDivergedError(RuntimeError):
    """The ELBO became infinite, NaN or absurdly bad; the message says when and what to try."""


@dataclass(frozen=True)
class EpochRecord:
    """What an epoch did; all values in nats per image, ``seconds`` for this epoch alone."""

    epoch: int
    epochs: int
    train: dict[str, float]
    """elbo, reconstruction, cross_entropy, posterior_entropy: means over the epoch's batches, of
    weights that still moved"""
    validation: dict[str, float]
    """the same of the (averaged) weights after the epoch, with the same noise every epoch"""
    learning_rate: float
    beta: float
    seconds: float
    best_epoch: int
    is_best: bool


def fit(
    vae: VAE,
    dataset: Dataset,
    training: TrainingConfig,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    state: Mapping[str, Tensor] | None = None,
) -> EpochRecords:
    """Maximise the ELBO of ``dataset.train`` and yield a record after every epoch.

    Before the first record ``vae`` holds the initial weights, its prior initialised from the data;
    between records the weights as they are now (their moving average); after the last one those of
    the best epoch on ``dataset.validation``. ``cancelled`` is asked before every batch; once true,
    training ends there, with the best weights.

    With the ``state`` of a training that was the same until then it goes on from there; ``vae`` has
    to be as it was before that training. On one thread the results are those of a training that
    was never disturbed, to the last bit.

    Afterwards the weights are on the device of ``training``. What is random is drawn on the CPU.

    Raises:
        TrainingDivergedError: the objective left the finite numbers, or the reasonable ones.
        DeviceUnavailableError: there is no such device here.
        StateMisfitError: ``state`` is that of another training.
    """
    return EpochRecords(Training(vae, dataset, training, cancelled, state))


class EpochRecords(Iterator[EpochRecord]):
    """The epochs of a training, each trained when its record is asked for.

    The VAE holds the best weights when this ends, however it does.
    """

    def __init__(self, training: Training) -> None:
        self._training = training
        self._records = training.epochs()

    def __next__(self) -> EpochRecord:
        return next(self._records)

    def state(self) -> dict[str, Tensor]:
        """Return what ``fit`` takes to go on from here, or from where training was stopped.

        It shares memory with the training: store it before the next epoch.
        """
        return self._training.stopped or training_state(self._training)


class Training:
    """The state of one training: the learner, its moving average (the VAE given), the best."""

    def __init__(
        self,
        vae: VAE,
        dataset: Dataset,
        config: TrainingConfig,
        cancelled: Callable[[], bool],
        state: Mapping[str, Tensor] | None = None,
    ) -> None:
        self.average = vae
        self.dataset = dataset
        self.config = config
        self.cancelled = cancelled
        self.device = choose_device(config.device)
        self.generator = torch.Generator().manual_seed(config.seed)
        self._initialize()
        vae.to(self.device)
        self.learner = copy.deepcopy(vae)
        convolutional = any(isinstance(module, nn.Conv2d) for module in vae.modules())
        precision = choose_precision(config.precision, self.device, convolutional)
        self.learner.encoder.precision = self.learner.decoder.precision = precision
        networks = nn.ModuleList([self.learner.encoder, self.learner.decoder.network])
        # Decay would pull the prior's components to the origin, and a likelihood's scale to 1.
        others = nn.ModuleList([self.learner.decoder.head, self.learner.prior])
        decayed, free = _learned(networks), _learned(others)
        self.optimizer = AdamW([(decayed, config.weight_decay), (free, 0.0)])
        self.followed = _learned(self.average), _learned(self.learner)
        self.steps_per_epoch = math.ceil(len(dataset.train) / config.batch_size)
        self.step = 0
        self.epoch = 0
        """The last one that is over"""
        self._begin_with(torch.empty(0, dtype=torch.long))
        # Its own generator: how many draws there are does not change the training.
        own = torch.Generator().manual_seed(config.seed)
        samples, rows = config.validation_samples, len(dataset.validation)
        self.validation_noise = self._noise(samples, rows, own)
        self.best_epoch = 0
        self.best_value = -math.inf
        self.best_weights = copy.deepcopy(vae.state_dict())
        self.floor = -math.inf
        """Of the validation objective: below it, the training has diverged"""
        self.stopped: dict[str, Tensor] | None = None
        """The state in which it was cancelled"""
        if state is not None:
            restore_training(self, state)

    def epochs(self) -> Iterator[EpochRecord]:
        """Train; the VAE holds the best weights when this ends, however it does."""
        try:
            yield from self._run()
        finally:
            self.average.load_state_dict(self.best_weights)
            self.average.eval()

    def _run(self) -> Iterator[EpochRecord]:
        if self.step == 0:
            start = self._value(self._validate())
            self.floor = start - _DIVERGED * abs(start)
        while not self._is_over():
            began = time.perf_counter()
            train = self._train_epoch(self.epoch + 1)
            if train is None:
                # Copied, for the average is about to become the best weights.
                self.stopped = copy.deepcopy(training_state(self))
                return
            yield self._close_epoch(train, began)

    def _is_over(self) -> bool:
        waited = self.epoch - max(self.best_epoch, self.config.warmup_epochs)
        nothing_learns = self.epoch > 0 and not _learned(self.learner)
        return self.epoch >= self.config.epochs or waited >= self.config.patience or nothing_learns

    def _close_epoch(self, train: dict[str, float], began: float) -> EpochRecord:
        """Validate the epoch whose mean terms are ``train``, and return its record."""
        validation = self._validate()
        value, epoch = self._value(validation), self.epoch + 1
        self._check(epoch, value, train)
        self.epoch = epoch
        self._begin_with(self.order[:0])
        if is_best := value > self.best_value:
            self.best_epoch, self.best_value = epoch, value
            self.best_weights = copy.deepcopy(self.average.state_dict())
        return EpochRecord(
            epoch=epoch,
            epochs=self.config.epochs,
            train=train,
            validation=validation,
            learning_rate=self.optimizer.learning_rate,
            beta=self._beta(epoch),
            seconds=time.perf_counter() - began,
            best_epoch=self.best_epoch,
            is_best=is_best,
        )

    def _initialize(self) -> None:
        """Set the VAE's weights to where training starts."""
        self.average.prior.initialize(self.average.encoder, self.dataset.train.x, self.generator)

    def _terms(self, rows: Tensor, noise: Tensor) -> ElboTerms:
        """Estimate the ELBO of those rows of the training images; both tensors are on the CPU."""
        x = self.dataset.train.x[rows].to(self.device)
        return self.learner.elbo_terms(x, noise.to(self.device))

    def _validate(self) -> dict[str, float]:
        return mean_terms(self.average, self.dataset.validation, self.validation_noise)

    def _train_epoch(self, epoch: int) -> dict[str, float] | None:
        """Take the epoch's steps; return the mean terms, or None where it was cancelled."""
        self.learner.train()
        count = len(self.dataset.train)
        beta = self._beta(epoch)
        if len(self.order) == 0:
            self._begin_with(torch.randperm(count, generator=self.generator))
        for rows in self.order[self.row :].split(self.config.batch_size):
            if self.cancelled():
                return None
            self.sums += self._step(rows, beta)
            self.row += len(rows)
            self._follow()
        return dict(zip(TERM_NAMES, (self.sums / count).tolist(), strict=True))

    def _begin_with(self, order: Tensor) -> None:
        """Begin an epoch with the images in that order; with none, be between two epochs."""
        self.order = order
        self.row = 0
        """How many of them are done"""
        self.sums = torch.zeros(len(TERM_NAMES), device=self.device)

    def _step(self, rows: Tensor, beta: float) -> Tensor:
        """Take one step; return the sums of the ELBO and its terms over the batch."""
        self.optimizer.learning_rate = self._learning_rate()
        terms = self._terms(rows, self._noise(1, len(rows), self.generator))
        loss = -objective(terms, beta).mean()
        self.optimizer.zero_grad()
        if loss.requires_grad:
            loss.backward()
        self.optimizer.step()
        self.step += 1
        return torch.stack([getattr(terms, name) for name in TERM_NAMES]).detach().sum(1)

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average towards the learner; early on faster, so that it forgets the start.

        At every fourth batch of an epoch and at its end: to move takes as long as the matrix
        products of a small network.
        """
        done = math.ceil(self.row / self.config.batch_size)
        steps = done % _FOLLOWED_EVERY
        if steps > 0 and self.row < len(self.order):
            return
        decay = min(self.config.weight_average, self.step / (self.step + 10))
        average, learner = self.followed
        if learner:
            torch._foreach_lerp_(average, learner, 1.0 - decay ** (steps or _FOLLOWED_EVERY))

    def _learning_rate(self) -> float:
        steps = self.steps_per_epoch * self.config.epochs
        ramp = min(1.0, (self.step + 1) / min(_RAMP_STEPS, max(1.0, _RAMP_SHARE * steps)))
        if self.config.schedule == "constant":
            return self.config.learning_rate * ramp
        done = self.step / steps
        cosine = 0.5 * (1.0 + math.cos(math.pi * done))
        return self.config.learning_rate * ramp * (_FINAL_RATE + (1.0 - _FINAL_RATE) * cosine)

    def _beta(self, epoch: int) -> float:
        return self.config.beta * min(1.0, epoch / (self.config.warmup_epochs + 1))

    def _value(self, terms: dict[str, float]) -> float:
        """Return what training maximises in the end, after the warm-up."""
        kl = terms["cross_entropy"] - terms["posterior_entropy"]
        return terms["reconstruction"] - self.config.beta * kl

    def _noise(self, samples: int, count: int, generator: torch.Generator) -> Tensor:
        shape = (samples, count, self.average.encoder.latent_dim)
        return torch.randn(shape, generator=generator)

    def _check(self, epoch: int, value: float, train: dict[str, float]) -> None:
        """Stop a training that can't recover, with a sentence that says what happened."""
        bad = [name for name, number in train.items() if not math.isfinite(number)]
        if not bad and value >= self.floor:
            return
        what = f"The {bad[0].replace('_', ' ')}" if bad else "The validation ELBO"
        how = "is no longer a finite number" if bad or not math.isfinite(value) else "collapsed"
        kept = f"The weights of epoch {self.best_epoch} are kept. " if self.best_epoch else ""
        raise TrainingDivergedError(
            f"{what} {how} in epoch {epoch}, at learning rate "
            f"{self.config.learning_rate:g}. {kept}Try a smaller learning rate or a longer warm-up."
        )


def _learned(module: nn.Module) -> list[Tensor]:
    return [parameter for parameter in module.parameters() if parameter.requires_grad]

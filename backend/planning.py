"""From what is asked for to what is trained: defaults that suit the data, and what does not fit."""

from __future__ import annotations

import math

from backend.datasets import Datasets
from backend.errors import InvalidRequestError
from backend.freezing import frozen_config
from backend.schemas import CreateRun, Run
from backend.storage import RunStore
from models.config import RunConfig
from models.data.description import Description
from models.data_range import DataShape
from models.device import DeviceUnavailableError, choose_device
from models.likelihoods import LikelihoodMisfitError, check_likelihood
from models.networks import NetworkMisfitError, check_network
from models.proposals import complete


def plan(asked: CreateRun, store: RunStore) -> tuple[RunConfig, Run | None]:
    """Return the configuration to train, and the run that it is frozen from, if it is.

    Raises:
        UnknownRunError: there is no such run.
        RunStateError, NoCheckpointError, InvalidRequestError: as ``frozen_config``.
        InvalidRequestError, DatasetStateError: as ``settle``.
    """
    source = None if asked.frozen_from is None else store.get(asked.frozen_from)
    config = asked if source is None else frozen_config(asked, source)
    return settle(config, store.datasets), source


def settle(asked: RunConfig, datasets: Datasets) -> RunConfig:
    """Return ``asked`` with what it leaves out filled in to suit its data set.

    Raises:
        InvalidRequestError: there is no such data set, it can't be cut like this, a likelihood or
            network does not fit it, or there is no such device here.
        DatasetStateError: the data set is damaged.
    """
    datasets.check(asked.dataset, asked.split)
    config = complete(asked, datasets.proposal(asked.dataset))
    shape = _shape(datasets.describe(asked.dataset))
    try:
        check_likelihood(config.likelihood, shape)
        check_network(config.network, shape)
        choose_device(config.training.device)
    except LikelihoodMisfitError as error:
        raise InvalidRequestError.at("likelihood", str(error)) from error
    except NetworkMisfitError as error:
        raise InvalidRequestError.at("network", str(error)) from error
    except DeviceUnavailableError as error:
        raise InvalidRequestError.at("training.device", str(error)) from error
    return config


def _shape(described: Description) -> DataShape:
    image = described.image_shape
    features = math.prod(image) if image else len(described.feature_names)
    return DataShape(image, features, described.num_values)

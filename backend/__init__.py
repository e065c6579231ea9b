"""Priorscope's server: storage, training jobs, HTTP interface and command line."""

__version__ = "0.1.0"

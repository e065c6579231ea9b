"""What can be wrong with data, in sentences: what, where, what to do."""

from __future__ import annotations


class DataError(ValueError):
    """A file cannot become a data set; the message names the file, the member or the row."""


class UnknownFormatError(DataError):
    """The content of a file is nothing that is read here."""


class DataTooLargeError(DataError):
    """The data would take more room than is allowed, or than there is."""

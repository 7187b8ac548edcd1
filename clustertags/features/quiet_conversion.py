"""What torch, timm and OpenVINO say of a conversion is for their developers: none of it reaches the person."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# OpenVINO's converter looks for this among the arguments of the whole program, and then prints what it does.
_CONVERTERS_OPTION = "--verbose"


@contextmanager
def quiet_conversion() -> Iterator[None]:
    """No log, no warning and no report while the context lasts; errors are raised as ever.

    Logging and warnings belong to the whole process, so other threads are silent too, for the seconds that it takes.
    The converter sets up the root logger for itself; afterwards that is as it was.
    """
    root = logging.getLogger()
    level, handlers, filters = root.level, root.handlers[:], root.filters[:]
    disabled, arguments = logging.root.manager.disable, sys.argv
    logging.disable(logging.CRITICAL)
    sys.argv = [argument for argument in arguments if argument != _CONVERTERS_OPTION]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.argv = arguments
        logging.disable(disabled)
        root.setLevel(level)
        root.handlers[:], root.filters[:] = handlers, filters

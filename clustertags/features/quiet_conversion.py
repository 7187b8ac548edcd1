"""Silence the logs and warnings of torch, timm and OpenVINO during a conversion."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# OpenVINO's converter looks for this in `sys.argv`, and then prints its steps.
_CONVERTERS_OPTION = "--verbose"


@contextmanager
def quiet_conversion() -> Iterator[None]:
    """Suppress logs, warnings and reports in the block; errors are raised as usual.

    Logging and warnings are global, so other threads are silent too, for the seconds of a conversion. The converter
    configures the root logger, which is restored afterwards.
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

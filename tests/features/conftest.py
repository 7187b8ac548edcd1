from __future__ import annotations

import pytest

from clustertags.features.conversion import ConvertedBackbone


@pytest.fixture(scope="session")
def converted(prepared: ConvertedBackbone) -> ConvertedBackbone:
    """The packaged network, converted."""
    return prepared

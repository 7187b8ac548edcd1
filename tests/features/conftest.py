from __future__ import annotations

import pytest

from clustertags.features.backbones import find_backbone
from clustertags.features.conversion import ConvertedBackbone
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_store import prepare_backbone


@pytest.fixture(scope="session")
def converted(tmp_path_factory: pytest.TempPathFactory) -> ConvertedBackbone:
    """The packaged network, converted."""
    return prepare_backbone(Artifacts(tmp_path_factory.mktemp("backbone")), find_backbone())

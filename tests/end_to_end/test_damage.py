"""Flipped bits and truncations of everything that a fit leaves: refused with a line, or of no effect; never other tags."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clustertags.editing.new_edits import accept_tag, rename_cluster
from clustertags.errors import ClusterTagsError
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_cache import cached_backbones
from clustertags.library.backbone_store import is_whole
from clustertags.library.catalogue import Catalogue
from clustertags.library.library_features import load_library_features
from clustertags.library.scan import READER
from clustertags.library.sidecar_rows import SidecarRow, WrittenTag
from clustertags.tagging.prediction_json import as_json
from clustertags.workflows.edit import Editor
from clustertags.workflows.tag import Tagger
from tests.conftest import Library

N_FLIPS, N_TRUNCATIONS = 300, 200
N_TAGGED = 2

"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

DEFAULT_ARTIFACTS = Path("artifacts")

ArtifactsOption: TypeAlias = Annotated[
    Path, typer.Option("--artifacts", metavar="DIR", help="Where what is fitted is kept.")
]
SeedOption: TypeAlias = Annotated[
    int, typer.Option("--seed", min=0, max=2**32 - 1, help="Of all that is random: the same seed, the same result.")
]

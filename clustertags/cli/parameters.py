"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

DEFAULT_ARTIFACTS = Path("artifacts")

ArtifactsOption: TypeAlias = Annotated[
    Path, typer.Option("--artifacts", metavar="DIR", help="Where the fitted library is kept.")
]
JobsOption: TypeAlias = Annotated[
    int | None,
    typer.Option("--jobs", min=1, metavar="N", help="Photos decoded at a time.", show_default="one for each core"),
]
SeedOption: TypeAlias = Annotated[
    int, typer.Option("--seed", min=0, max=2**32 - 1, help="Random state: the same seed gives the same result.")
]

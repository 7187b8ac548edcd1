"""Progress bars on a terminal, one per stage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from clustertags.types import Progress

_LEAST_SECONDS_BETWEEN = 0.05


class _Rate(ProgressColumn):
    """Items a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed and task.total else "", style="dim")


@contextmanager
def bars() -> Iterator[Progress]:
    """A progress callback that draws on standard error."""
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Bars(*columns, console=Console(stderr=True), transient=False) as display:
        tasks: dict[str, TaskID] = {}
        shown_at = 0.0

        def show(stage: str, done: int, total: int) -> None:
            nonlocal shown_at
            now = time.monotonic()
            if stage not in tasks:
                tasks[stage] = display.add_task(stage, total=None)
            elif done != total and now - shown_at < _LEAST_SECONDS_BETWEEN:
                return
            shown_at = now
            display.update(tasks[stage], completed=done, total=total or None)

        yield show
        for task in display.tasks:  # complete the bars of unknown length
            if task.total is None:
                display.update(task.id, total=task.completed or 1, completed=task.completed or 1)

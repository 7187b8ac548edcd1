"""What changes below a folder, told by the system, or found by looking again and again where it tells nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from clustertags.errors import UsageError
from clustertags.support.printable import printable

_TICK_MILLISECONDS = 500
_POLL_MILLISECONDS = 2000


def folder_changes(folder: Path, notify: Callable[[str], None], *, polling: bool = False) -> Iterator[set[Path]]:
    """Yield the paths that came or changed below `folder`, an empty set about twice a second where nothing did. Ends
    where the folder is gone or another one is in its place.

    Where the system cannot tell, as where its limit of watched folders is reached, `notify` is told, and the folder is
    looked through every two seconds instead, as with `polling`. Raises `UsageError` without the package watchfiles.
    """
    if not polling:
        try:
            yield from _changes(folder, polling=False)
        except FileNotFoundError:
            return
        except OSError as error:
            notify(
                f"the system cannot watch {printable(folder)} ({error}): it is looked through every "
                f"{_POLL_MILLISECONDS // 1000} s instead"
            )
        else:
            return
    try:
        yield from _changes(folder, polling=True)
    except FileNotFoundError:
        return


def _changes(folder: Path, *, polling: bool) -> Iterator[set[Path]]:
    try:
        import watchfiles  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            "watching a folder needs the package watchfiles: install it with `pip install 'clustertags[watch]'`, or "
            "run `clustertags add` now and then"
        ) from error
    identity = _identity(folder)
    for changes in watchfiles.watch(
        folder,
        watch_filter=None,
        debounce=_TICK_MILLISECONDS,
        rust_timeout=_TICK_MILLISECONDS,
        yield_on_timeout=True,
        force_polling=polling,
        poll_delay_ms=_POLL_MILLISECONDS,
        ignore_permission_denied=True,
    ):
        if identity is None or _identity(folder) != identity:
            return
        paths = {Path(path): change for change, path in changes if change != watchfiles.Change.deleted}
        # A folder changes with each file in it, which is told of by itself.
        yield {path for path, change in paths.items() if change == watchfiles.Change.added or not path.is_dir()}


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino

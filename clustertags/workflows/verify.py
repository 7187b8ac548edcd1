"""Whether a library is as it was written, and what can be rebuilt of it.

CURRENT -> versions -> network -> catalogue -> journal -> sidecars -> answers -> copies elsewhere
repair: versions -> catalogue -> features -> copies elsewhere -> all of it checked again
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from clustertags.errors import ArtifactsError, ClusterTagsError, NotFittedError
from clustertags.labels.rules_file import RULES_FILE, read_rules
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts, Version
from clustertags.library.backbone_cache import cached_backbones
from clustertags.library.backbone_store import is_whole
from clustertags.library.catalogue import Catalogue
from clustertags.library.catalogue_checks import check_catalogue, check_features
from clustertags.library.model import FittedLibrary
from clustertags.library.salvage import Salvage, salvage
from clustertags.library.saving import load_library
from clustertags.library.verification import MAKE_REPAIRED, Check, check_current, check_network, check_versions
from clustertags.library.version_repair import repair_versions
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import Progress, no_progress
from clustertags.workflows.same_answers import check_answers
from clustertags.workflows.verify_journal import check_journal, check_sidecars

_STAGE = "Verifying the library"


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found.

    Attributes
    ----------
    checks : tuple of Check
        Everything that was looked at, as it is now.
    repairs : tuple of str
        What was rebuilt, a sentence each.
    is_sound : bool
        Whether nothing is wrong.

    Examples
    --------
    >>> clustertags.verify("artifacts").is_sound
    True
    """

    checks: tuple[Check, ...]
    repairs: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        return not self.wrong

    @property
    def wrong(self) -> tuple[Check, ...]:
        """The checks that found damage.

        Returns
        -------
        tuple of Check
            In the order in which they were made.
        """
        return tuple(check for check in self.checks if check.status == "wrong")


def verify(folder: Path = DEFAULT_FOLDER, *, repair: bool = False, progress: Progress = no_progress) -> Verification:
    """Check a library; nothing is written unless `repair` asks for it, and then only what is damaged is replaced.

    Raises `NotFittedError` where nothing was ever fitted, `LockedError` where another process writes meanwhile.
    """
    artifacts = Artifacts(folder)
    if not artifacts.names() and not artifacts.catalogue.exists():
        artifacts.current()
        raise NotFittedError(f"{printable(folder)} holds no fitted model: run `clustertags fit PHOTOS` first")
    if not repair:
        return Verification(_check(artifacts, progress).checks)
    with artifacts.writing():
        repairs = tuple(_repair(artifacts, _check(artifacts, progress), progress))
        return Verification(_check(artifacts, progress).checks, repairs)


@dataclass(frozen=True, slots=True)
class _Found:
    """`unlike`: content hashes whose stored features are not those of the photo; `backbone`: the key of theirs."""

    checks: tuple[Check, ...]
    unlike: tuple[str, ...] = ()
    backbone: str = ""


def _check(artifacts: Artifacts, progress: Progress) -> _Found:
    checks: list[Check] = []

    def add(some: Iterator[Check] | list[Check]) -> None:
        for check in some:
            checks.append(check)
            progress(_STAGE, len(checks), 0)

    add([check_current(artifacts)])
    add(check_versions(artifacts))
    version, library = _in_use(artifacts)
    add([check_network(version)] if version and library else [])
    add(check_catalogue(artifacts))
    unlike: tuple[str, ...] = ()
    if checks[-1].status != "wrong":
        add([_check_of_catalogue("journal", artifacts, lambda: check_journal(artifacts, library))])
        add([_check_of_catalogue("sidecars", artifacts, lambda: check_sidecars(artifacts))])
        if version and library:
            hashes, backbone = [photo.content_hash for photo in library.photos], version.manifest["backbone"]
            features = check_features(artifacts, hashes, backbone["key"], backbone["n_features"])
            add([features])
    if version and library and all(check.status != "wrong" for check in checks):
        answers = check_answers(artifacts, version, library)
        unlike = answers.unlike
        add([*answers.checks])
    else:
        add([Check("answers", artifacts.folder, "note", "not compared: mend first what is wrong above")])
    add(_check_elsewhere(artifacts, version))
    return _Found(tuple(checks), unlike, version.manifest["backbone"]["key"] if version else "")


def _in_use(artifacts: Artifacts) -> tuple[Version | None, FittedLibrary | None]:
    """The version in use and its library, as far as they can be read."""
    try:
        version = artifacts.current()
    except ArtifactsError:
        return None, None
    try:
        return version, load_library(version)
    except ClusterTagsError:
        return version, None


def _check_of_catalogue(subject: str, artifacts: Artifacts, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (sqlite3.Error, ClusterTagsError, ValueError, TypeError, KeyError) as error:
        return Check(subject, artifacts.catalogue, "wrong", f"cannot be read ({error})", MAKE_REPAIRED)


def _check_elsewhere(artifacts: Artifacts, version: Version | None) -> Iterator[Check]:
    """The user's rules, converted networks outside the versions, what an ended process left, and the gallery."""
    rules = artifacts.folder / RULES_FILE
    if rules.exists():
        try:
            read_rules(rules)
            yield Check("rules", rules, "right", "can be read")
        except ClusterTagsError as error:
            yield Check("rules", rules, "wrong", str(error), "correct the file: it is yours, nothing writes it")
    for entry in _networks(artifacts, version):
        if is_whole(entry):
            yield Check("converted network", entry, "right", "as converted")
        else:
            yield Check("converted network", entry, "wrong", "is damaged; no fit uses it", MAKE_REPAIRED)
    for left in _left_behind(artifacts):
        yield Check("left behind", left, "note", "by a process that was ended; the next fit removes it")
    there = "there" if (artifacts.gallery / "index.html").is_file() else "none was made here"
    yield Check("gallery", artifacts.gallery, "note", there)


def _networks(artifacts: Artifacts, version: Version | None) -> list[Path]:
    """The library's own converted networks, and those of this backbone in the user's cache."""
    cache, key = cached_backbones(), version.manifest["backbone"]["key"] if version else ""
    own = artifacts.backbones.glob("[!.]*") if artifacts.backbones.is_dir() else ()
    shared = cache.glob(f"{key}-*") if cache and key and cache.is_dir() else ()
    return [*sorted(own), *sorted(shared)]


def _left_behind(artifacts: Artifacts) -> list[Path]:
    places = (artifacts.folder, artifacts.models, artifacts.backbones)
    return sorted(left for place in places if place.is_dir() for left in place.glob(".staging-*"))


def _repair(artifacts: Artifacts, found: _Found, progress: Progress) -> Iterator[str]:
    """What is done, a sentence each. Call under `writing`."""
    wrong = {check.subject for check in found.checks if check.status == "wrong"}
    if any(subject.startswith("version") or subject == "network" for subject in wrong):
        yield from repair_versions(artifacts, progress)
    if any(check.file == artifacts.catalogue and check.remedy == MAKE_REPAIRED for check in found.checks) and (
        not found.unlike
    ):
        yield from _describe(salvage(artifacts))
    if found.unlike:
        with Catalogue(artifacts.catalogue) as catalogue:
            catalogue.forget_features(found.unlike, found.backbone)
        yield f"features of {plural(len(found.unlike), 'photo')} are removed: the next fit extracts them again"
    version, _ = _in_use(artifacts)
    for entry in _networks(artifacts, version):
        if not is_whole(entry):
            shutil.rmtree(entry, ignore_errors=True)
            yield f"{printable(entry)}: removed, the next fit converts it again"
    for left in _left_behind(artifacts):
        shutil.rmtree(left, ignore_errors=True)
        yield f"{printable(left)}: removed"


def _describe(done: Salvage) -> Iterator[str]:
    recovered = ", ".join(f"{plural(n, 'row')} of {name}" for name, n in done.recovered.items() if n)
    lost = ", ".join(f"{n:,} of {name}" for name, n in done.lost.items() if n)
    yield (
        f"a new catalogue has {recovered or 'no rows'}; lost: {lost or 'none that is known of'}; the damaged one is "
        f"kept as {printable(done.damaged)}"
    )
    if done.lost.get("edits"):
        yield f"{plural(done.lost['edits'], 'edit')} could not be read: `clustertags clusters log` shows what is left"
    if any(done.lost.get(name) for name in ("features", "contents", "files", "pictures", "blank")):
        yield "the next `clustertags fit PHOTOS` extracts again what was lost of the photos"

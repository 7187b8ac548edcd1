"""`clustertags vocabulary`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.labels.synonyms import SynonymSuggestion
    from clustertags.labels.uninformative_tags import TagUse
    from clustertags.library.artifacts import Artifacts
    from clustertags.library.model import FittedLibrary


def vocabulary(
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one JSON object.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Add the suggestions to vocabulary.txt in DIR, commented out.")
    ] = False,
) -> None:
    """List the tags: their counts, whether the picture predicts them, and possible synonyms.

    spread is 1 for a tag alike in all clusters; gain is 0.5 if the picture does not predict the tag, 1 if it does.

    \b
    clustertags vocabulary
    clustertags vocabulary --write
    clustertags vocabulary --json
    """
    from clustertags.labels.synonyms import suggest_synonyms  # noqa: PLC0415
    from clustertags.labels.uninformative_tags import measure_tag_use  # noqa: PLC0415
    from clustertags.library.artifacts import Artifacts  # noqa: PLC0415
    from clustertags.library.saving import load_library  # noqa: PLC0415

    places = Artifacts(artifacts)
    library = load_library(places.current())
    seed_tags, random_state = library.seeds, int(library.settings.get("seed", 0))
    space, labels = library.space[seed_tags.photos], library.clusters.labels[seed_tags.photos]
    uses = measure_tag_use(space, labels, seed_tags, kept=library.rules.kept, random_state=random_state)
    synonyms = suggest_synonyms(seed_tags, labels, space, random_state=random_state)
    if as_json:
        console.result(json.dumps(_as_json(library, uses, synonyms)))
    else:
        _print_tags(library, uses)
        _print_rules(library)
        for item in synonyms:
            pair = f"{printable(item.tag, 40)} = {printable(item.canonical, 40)}"
            console.result(f"possible synonym: {pair}  ({printable(item.evidence, 300)})")
    if write:
        _write(places, uses, synonyms)
    elif synonyms:
        console.notice("next: clustertags vocabulary --write writes the suggestions to a file to edit")
    _notice_changed_rules(places, library)


def _state(library: FittedLibrary, use: TagUse) -> str:
    from clustertags.labels.normalisation import normalise_tag  # noqa: PLC0415

    if use.tag in library.demoted:
        return "demoted"
    return "kept" if normalise_tag(use.tag) in library.rules.kept else "used"


def _as_json(
    library: FittedLibrary, uses: tuple[TagUse, ...], synonyms: tuple[SynonymSuggestion, ...]
) -> dict[str, Any]:
    tags = [
        {
            "tag": use.tag,
            "count": use.count,
            "labelled": use.n_labelled,
            "spread": use.spread,
            "gain": use.auc,
            "p": use.p_value,
            "state": _state(library, use),
            "reason": library.demoted.get(use.tag, ""),
        }
        for use in uses
    ]
    suggested = [
        {"tag": item.tag, "canonical": item.canonical, "form": item.form, "evidence": item.evidence}
        for item in synonyms
    ]
    return {"tags": tags, "synonyms": suggested, "rules": library.rules.to_json()}


def _print_tags(library: FittedLibrary, uses: tuple[TagUse, ...]) -> None:
    if not uses:
        console.result("no tags were given at the fit")
        return
    console.result(f"{plural(len(uses), 'tag')} on {plural(library.seeds.n_labelled, 'labelled photo')}")
    console.result(f"{'photos':>8}  spread  gain  tag")
    for use in sorted(uses, key=lambda use: (-use.count, use.tag)):
        spread = "   -" if use.spread is None else f"{use.spread:.2f}"
        gain = "   -" if use.auc is None else f"{use.auc:.2f}"
        state, reason = _state(library, use), library.demoted.get(use.tag, "")
        shown = {"demoted": f"  demoted: {printable(reason)}", "kept": "  kept by the rules"}.get(state, "")
        console.result(f"{use.count:8,d}    {spread}  {gain}  {printable(use.tag, 60)}{shown}")


def _print_rules(library: FittedLibrary) -> None:
    rules = library.rules
    for alias, target in sorted(rules.aliases.items()):
        console.result(f"alias: {printable(rules.spelling(alias), 40)} = {printable(rules.spelling(target), 40)}")
    for child, parents in sorted(rules.parents.items()):
        for parent in parents:
            pair = f"{printable(rules.spelling(parent), 40)} > {printable(rules.spelling(child), 40)}"
            derived = "  (from keywords)" if parent in rules.derived.get(child, ()) else ""
            console.result(f"parent: {pair}{derived}")
    for tag in sorted(rules.blocked):
        console.result(f"blocked: {printable(rules.spelling(tag), 40)}")


def _write(places: Artifacts, uses: tuple[TagUse, ...], synonyms: tuple[SynonymSuggestion, ...]) -> None:
    from clustertags.labels.rules_file import RULES_FILE, parse_rules, read_rules_text  # noqa: PLC0415
    from clustertags.labels.suggested_rules import missing_suggestions, with_suggestions  # noqa: PLC0415
    from clustertags.library.storage import storage_errors, write_atomically  # noqa: PLC0415

    path = places.folder / RULES_FILE
    with places.writing():
        before = read_rules_text(path) if path.exists() else ""
        parse_rules(before, path)
        missing = missing_suggestions(before, synonyms, uses)
        if missing or not before:
            with storage_errors(path):
                write_atomically(path, with_suggestions(before, missing).encode())
    console.notice(f"{plural(len(missing), 'suggestion')} added, commented out: edit the file and fit again")
    console.result_path(path)


def _notice_changed_rules(places: Artifacts, library: FittedLibrary) -> None:
    from clustertags.labels.rules_file import RULES_FILE, read_rules  # noqa: PLC0415

    path = places.folder / RULES_FILE
    if path.exists() and read_rules(path).to_json() != library.rules.of_person().to_json():
        console.notice(f"note: the rules of {printable(path)} are not those of the last fit: fit again to apply them")

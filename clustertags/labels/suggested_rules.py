"""Suggested rules, appended to the person's file as comments; its contents are never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from clustertags.errors import SeedsError
from clustertags.labels.normalisation import normalise_tag
from clustertags.labels.rules_file import HEADER, parse_rules
from clustertags.labels.synonyms import SynonymSuggestion
from clustertags.labels.uninformative_tags import TagUse
from clustertags.support.printable import printable

_ASIDE = "##"


def missing_suggestions(text: str, synonyms: Iterable[SynonymSuggestion], uses: Iterable[TagUse]) -> tuple[str, ...]:
    """The suggestions that the file's text lacks: two lines each, the reason, and the rule commented out.

    A rule that the text contains, active or commented out, or reversed, is not repeated.
    """
    present = {_key(line) for line in text.split("\n")}
    missing = []
    for rule, other, why in (*_aliases(synonyms), *_blocks(uses)):
        if not {_key(rule), _key(other)} & present and _is_rule(rule):
            present.add(_key(rule))
            missing.append(f"{_ASIDE} {printable(why, 400)}\n# {rule}\n")
    return tuple(missing)


def with_suggestions(text: str, suggestions: Sequence[str]) -> str:
    """The text with the suggestions appended; an empty text gets `HEADER` first."""
    start = text or HEADER
    if suggestions and not start.endswith("\n"):
        start += "\n"
    return start + "".join(f"\n{item}" for item in suggestions)


def _aliases(synonyms: Iterable[SynonymSuggestion]) -> Iterator[tuple[str, str, str]]:
    for item in synonyms:
        yield f"{item.tag} = {item.canonical}", f"{item.canonical} = {item.tag}", item.evidence


def _blocks(uses: Iterable[TagUse]) -> Iterator[tuple[str, str, str]]:
    for use in uses:
        if use.reason:
            yield f"- {use.tag}", f"+ {use.tag}", f"demoted: {use.reason}; write + for - to keep it"


def _key(line: str) -> str:
    """A line without its comment sign, its tags normalised."""
    bare = line.strip()
    while bare.startswith("# "):
        bare = bare[1:].strip()
    if bare[:2] in {"- ", "+ "}:
        return bare[:2] + normalise_tag(bare[2:])
    return " = ".join(normalise_tag(part) for part in bare.split(" = "))


def _is_rule(rule: str) -> bool:
    """Whether the rule can be written in the file's format, which a sign inside a tag can break."""
    try:
        return len(parse_rules(rule, Path()).spellings) == 2 - rule.startswith("- ")
    except SeedsError:
        return False

"""A list of keywords without photos, indented by tabs, as Lightroom exports it: parents and synonyms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from clustertags.labels.keyword_parents import add_keyword_parents, keyword_parents
from clustertags.labels.normalisation import normalise_tag
from clustertags.labels.rules import NO_RULES, Rules
from clustertags.photos.xmp_keywords import LEVEL

_RULE = re.compile(r"^[-+#]\s|\s[=>]\s")


def is_keyword_list(text: str) -> bool:
    """Whether a text is such a list: no table and no rules, and some lines are below others."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0].startswith("\t") or not any(line.startswith("\t") for line in lines):
        return False
    depths = [_depth(line) for line in lines]
    inner = any("\t" in line.lstrip("\t") or _RULE.search(line.strip()) for line in lines)
    return not inner and all(after <= before + 1 for before, after in pairwise(depths))


def keyword_list_rules(text: str) -> Rules:
    """The parents in a list of keywords, and its synonyms, `{in braces}` below their keyword, as aliases.

    A keyword that stands in several places gets no parent, as none follows from it; a synonym that is a keyword, or one
    of several keywords, is no alias.
    """
    keywords: list[list[str]] = []
    synonyms: list[list[str]] = []
    for path in _paths(text):
        (synonyms if path[-1].startswith("{") else keywords).append(path)
    tags = {normalise_tag(path[-1]) for path in keywords}
    targets: dict[str, set[str]] = {}
    for *above, synonym in synonyms:
        alias = normalise_tag(synonym.strip("{}"))
        if above and alias and alias not in tags:
            targets.setdefault(alias, set()).add(normalise_tag(above[-1]))
    aliases = {alias: min(target) for alias, target in targets.items() if len(target) == 1}
    found = keyword_parents([LEVEL.join(path)] for path in keywords)
    rules, _ = add_keyword_parents(NO_RULES, found)
    return replace(rules, aliases=aliases, derived={})


def _paths(text: str) -> Iterator[list[str]]:
    path: list[str] = []
    for line in text.splitlines():
        if name := line.strip():
            # A name in square brackets is a keyword that Lightroom does not write into exported photos.
            path = [*path[: _depth(line)], name[1:-1].strip() if name[0] + name[-1] == "[]" else name]
            yield path


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip("\t"))

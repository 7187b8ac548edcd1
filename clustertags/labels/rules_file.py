"""Reading the person's file of rules for tags; every error is one sentence with the line and the remedy.

One rule a line; tags are compared as `normalise_tag` spells them. `HEADER` describes the format, and is the first
lines of the file that `clustertags vocabulary --write` creates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

from clustertags.errors import ClusterTagsError
from clustertags.labels.keyword_list import is_keyword_list, keyword_list_rules
from clustertags.labels.normalisation import normalise_tag, shown_spelling
from clustertags.labels.rules import Rules
from clustertags.support.printable import printable
from clustertags.support.text_files import read_text_file, text_fault

RULES_FILE = "vocabulary.txt"
MAX_FILE_BYTES = 4 * 2**20
HEADER = """\
# Rules for tags, one a line; read by `clustertags fit`.
#
#     kitty = cat             an alias: photos tagged kitty count as cat
#     animal > dog > poodle   parents: a photo tagged poodle is tagged dog and animal too
#     - likeforlike           never suggested
#     + tbt                   kept among the other tags, whatever is found of it
#
# The signs = > - + stand between spaces. A line that begins with # and a space is a comment;
# #cat, without the space, is the tag cat. Take away "# " before a suggestion to put it to use, then fit again.
"""

_COMMENT = re.compile(r"#+(\s|$)")
_SIGN = re.compile(r"\s+([=>])\s+")
_FORMS = "write `kitty = cat`, `animal > dog`, `- likeforlike` or `+ tbt`, with spaces around the sign"


def read_rules(path: Path) -> Rules:
    """Read the person's file. Raises `SeedsError` with line and remedy where it is malformed or contradictory."""
    return parse_rules(read_rules_text(path), path)


def parse_rules(text: str, path: Path) -> Rules:
    """Rules from the file's text, which may be a list of keywords instead; `path` is for messages.

    Raises `SeedsError`.
    """
    if is_keyword_list(text):
        return keyword_list_rules(text)
    draft = _Draft(path)
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        content = line.strip()
        if content and not _COMMENT.match(content):
            draft.add(content, number)
    return draft.rules()


@dataclass(slots=True)
class _Draft:
    """Rules as they are read, each with its line."""

    path: Path
    aliases: dict[str, str] = field(default_factory=dict)
    links: list[tuple[str, str, int]] = field(default_factory=list)
    blocked: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)

    def add(self, content: str, line: int) -> None:
        sign, rest = content[0], content[1:]
        if sign in {"-", "+"} and rest[:1].isspace():
            if _SIGN.search(rest):
                raise self._fault(f"{printable(content, 60)} is no rule: {_FORMS}", line)
            (self.blocked if sign == "-" else self.kept)[self._tag(rest, line)] = line
            return
        texts = _SIGN.split(content)
        signs, tags = set(texts[1::2]), [self._tag(text, line) for text in texts[::2]]
        if len(tags) < 2 or len(signs) > 1 or (signs == {"="} and len(tags) > 2):
            raise self._fault(f"{printable(content, 60)} is no rule: {_FORMS}", line)
        if len(set(tags)) < len(tags):
            raise self._fault(f"{printable(content, 60)} relates a tag to itself: remove the line", line)
        if signs == {">"}:
            self.links += [(child, parent, line) for parent, child in pairwise(tags)]
            return
        alias, target = tags
        if self.aliases.get(alias, target) != target:
            what = f"{printable(alias)} counts as {printable(self.aliases[alias])} by line {self.lines[alias]} already"
            raise self._fault(f"{what}: keep one of the two", line)
        self.aliases[alias], self.lines[alias] = target, line

    def rules(self) -> Rules:
        """The rules with aliases resolved. Raises `SeedsError` on contradictions."""
        aliases = self._resolved_aliases()
        for alias, target in aliases.items():
            for tag in (alias, target):
                if tag in self.blocked:
                    what = f"{printable(alias)} = {printable(target)}, but line {self.blocked[tag]} blocks"
                    raise self._fault(f"{what} {printable(tag)}: remove one of the two", self.lines[alias])
        kept = {aliases.get(tag, tag): line for tag, line in self.kept.items()}
        for tag in sorted(kept.keys() & self.blocked.keys()):
            what = f"{printable(tag)} is both blocked and kept (lines {self.blocked[tag]} and {kept[tag]})"
            raise self._fault(f"{what}: remove one of the two", kept[tag])
        parents = self._parents(aliases)
        return Rules(aliases, parents, frozenset(self.blocked), frozenset(kept), self.spellings)

    def _resolved_aliases(self) -> dict[str, str]:
        """Every alias with the tag at the end of its chain."""
        ends: dict[str, str] = {}
        for alias in self.aliases:
            chain, tag = {alias: None}, self.aliases[alias]
            while tag in self.aliases and tag not in ends:
                if tag in chain:
                    ring = printable(" = ".join([*chain, tag]), 100)
                    raise self._fault(f"aliases form a cycle ({ring}): remove one", self.lines[alias])
                chain[tag] = None
                tag = self.aliases[tag]
            ends.update(dict.fromkeys(chain, ends.get(tag, tag)))
        return {alias: ends[alias] for alias in self.aliases}

    def _parents(self, aliases: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        lines: dict[tuple[str, str], int] = {}
        for link_child, link_parent, line in self.links:
            child, parent = aliases.get(link_child, link_child), aliases.get(link_parent, link_parent)
            found.setdefault(child, set()).add(parent)
            lines[child, parent] = line
        try:
            TopologicalSorter(found).prepare()
        except CycleError as error:
            ring: list[str] = error.args[1]  # each is a parent of the next
            last = max(lines[child, parent] for parent, child in pairwise(ring))
            shown = printable(" > ".join(ring), 100)
            raise self._fault(f"{shown} makes a tag its own ancestor: remove one of these lines", last) from None
        return {child: tuple(sorted(above)) for child, above in sorted(found.items())}

    def _tag(self, text: str, line: int) -> str:
        tag = normalise_tag(text)
        if not tag or "|" in text:
            raise self._fault(f'"{printable(text, 60)}" is no tag: {_FORMS}', line)
        self.spellings.setdefault(tag, shown_spelling(text))
        return tag

    def _fault(self, what: str, line: int) -> ClusterTagsError:
        return text_fault(self.path, what, line)


def read_rules_text(path: Path) -> str:
    """The file as text, whatever its rules. Raises `SeedsError` where it is no small UTF-8 file."""
    form = "a text file of rules for tags"
    return read_text_file(path, called="the file of rules for tags", form=form, max_bytes=MAX_FILE_BYTES)

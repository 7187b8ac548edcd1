"""The one rule for whether a photo has a tag, used by commands, pages, searches, counts and evaluations alike."""

from __future__ import annotations

MIN_SCORE = 0.5
"""A photo has a tag that a person gave it, and each with a calibrated score of at least this: more likely right than
wrong. A person's own least score or precision takes its place where one is given. Tags below are suggestions."""

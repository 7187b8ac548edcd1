"""Labelled sets of photos: a reader for each label format, the set that methods get, and its splits."""

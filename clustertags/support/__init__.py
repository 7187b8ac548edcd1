"""Shared by all rooms: printable text, text files, digests, templates, the version."""

"""Edits of clusters and tags, which hold after a refit, and the edited library."""

"""Labelled sets of photos: one reader for each layout that they come in, and the set that all methods are given."""

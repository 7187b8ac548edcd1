"""Queries of a fitted library for pages: lists, searches, duplicates, tag reach. Pure, and fast at 100,000 photos."""

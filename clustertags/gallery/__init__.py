"""The static site: rendered pages and thumbnails, written to a folder that is replaced at once."""

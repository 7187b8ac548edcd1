"""The static site: a pure context, templates, thumbnails, the map."""

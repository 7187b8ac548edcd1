"""Pages of the static gallery and the app: page data, thumbnails, map data, templates, styles, scripts."""

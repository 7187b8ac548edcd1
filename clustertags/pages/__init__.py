"""What the static gallery and the app share: page data, thumbnails, map data, templates, styles, scripts."""

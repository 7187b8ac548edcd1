"""Tags out of a library: lists, folders and XMP sidecars that other programs read."""

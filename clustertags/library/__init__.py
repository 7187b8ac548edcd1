"""What stays on the disk: the catalogue of photos and features, and the fitted versions."""

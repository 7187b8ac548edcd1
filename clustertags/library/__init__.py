"""Storage: the catalogue of photos and features, and the fitted versions."""

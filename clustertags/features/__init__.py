"""Features of decoded photos: backbones, runtimes, extraction."""

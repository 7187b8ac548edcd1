"""From decoded photos to the network's features: backbones, runtimes, extraction."""

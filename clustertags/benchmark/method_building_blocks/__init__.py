"""What several methods share: base classes, losses, descriptors, caches."""

"""Reduction, clusters, where a new photo belongs, and names from the ImageNet hierarchy."""

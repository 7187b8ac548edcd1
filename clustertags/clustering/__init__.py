"""Reduction by PCA and UMAP, clusters by HDBSCAN, their consensus over several runs, and groups of clusters."""

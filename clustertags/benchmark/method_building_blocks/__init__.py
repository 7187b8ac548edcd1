"""What several rows of the benchmark share."""

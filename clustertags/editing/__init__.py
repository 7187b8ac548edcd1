"""What a person puts right about clusters and tags: edits that outlast a refit, and the library as they leave it."""

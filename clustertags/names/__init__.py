"""Names as vectors, the names of ImageNet's classes, the name prior of tags, and the names of clusters."""

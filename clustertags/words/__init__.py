"""Names as vectors: a small sentence encoder, the names of ImageNet's classes, and tags without a labelled photo."""

"""Names as vectors, ImageNet's names, what a tag's name predicts, and the names of clusters."""

"""What `clustertags evaluate` scores: cross-validation on a library's own tags, or a truth that is given."""

"""The recipes, one a file: fit and what it is made of, tag, search, edit, suggest, evaluate, export, sidecars, relocate."""

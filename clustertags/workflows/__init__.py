"""The recipes, one a file: fit and its parts, tag, search, edit, suggest, evaluate, export, sidecars, relocate."""

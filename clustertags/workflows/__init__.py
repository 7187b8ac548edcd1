"""The recipes, one a file: extract, fit, tag, search, learn, edit, suggest, take labels, evaluate, export, sidecars, relocate."""

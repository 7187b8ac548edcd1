"""The recipes, one a file: fit, tag, learn, edit, suggest, evaluate."""

"""The recipes, one a file: extract, fit, tag, learn, edit, suggest, take labels, evaluate."""

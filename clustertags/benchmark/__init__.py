"""The methods of the field next to this program, on the same photos, features, splits and metrics."""

"""How good the tags are: protocols, metrics with intervals, and a report."""

"""How accurate the tags are: protocols, metrics with intervals, calibration, and a report."""

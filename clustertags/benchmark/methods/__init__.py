"""Every method of the field that the program is measured against: one estimator a file, one registry."""

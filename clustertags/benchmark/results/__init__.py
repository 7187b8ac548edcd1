"""Results from the cells of all methods: the table, paired differences, calibration, the verdict, and the JSON."""

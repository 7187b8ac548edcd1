"""Where the extraction of many files runs."""

"""Tags for a folder of photos, from a few that you tagged."""

"""The web app: pages to browse clusters and photos and to correct them, and a REST interface for the same."""

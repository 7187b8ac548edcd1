"""The web app: pages to look at the clusters and put them right, and the same as a REST interface."""

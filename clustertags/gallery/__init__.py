"""The static site: pure page contexts, thumbnails, and the writer that renders and swaps them in."""

"""Find and decode photos, and read the keywords inside them."""

"""Finding photos, decoding them, and the words and dates inside them."""

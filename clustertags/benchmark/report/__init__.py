"""The page of a comparison: its content as text and numbers, and the file."""

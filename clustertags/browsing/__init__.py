"""What pages ask of a fitted library: lists, searches, duplicates, figures. Pure, and fast at 100,000 photos."""

"""Photos that show the same: resized, recompressed and slightly cropped copies, frames of a burst."""

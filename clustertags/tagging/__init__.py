"""The tag model: its components, their fusion and calibration; predictions, their evidence, photos to label next."""

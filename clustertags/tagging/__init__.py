"""Seed tags, the parts that speak for a tag, their fusion and its calibration."""

"""Protocols with tables of their own, next to the main table: zero-shot, synthetic users, and open libraries."""

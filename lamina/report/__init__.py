"""Finished runs as pages that people read."""

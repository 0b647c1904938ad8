"""Measures Lamina beside its peers; one program a question."""

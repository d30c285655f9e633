"""Kinship: a family tree, and four names laid on its people."""

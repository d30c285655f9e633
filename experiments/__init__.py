"""Experiments: one script or folder a claim; `python -m experiments` lists them."""

"""Collisions: two objects on a line, one of them pushed against the other."""

from models.worlds.collisions import line as line

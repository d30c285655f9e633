"""Plane: three balls or blocks between two walls, with gravity; one is launched at the others."""

from models.worlds.plane import module as module

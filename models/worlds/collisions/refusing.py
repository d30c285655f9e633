"""Sentences about ways through the walls, which hold what reaches them."""

from models.worlds.walls import check

__all__ = ["check"]

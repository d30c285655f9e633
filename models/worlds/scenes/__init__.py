"""Static scenes: up to twelve objects on a table, spoken of by what they are and where they stand."""

from models.worlds.scenes import module as module

"""Agents and lunch: a campus, people who plan, and people who watch them."""

from models.worlds.lunch import functions as functions

"""Tug-of-war: people of unknown strength and laziness pull in teams."""

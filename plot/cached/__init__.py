"""Evaluated world models kept on disk: plain tables and arrays, from which nothing is executed."""

from plot.cached.folder import cache_folder as cache_folder

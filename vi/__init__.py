"""Programmable variational inference: objectives as programs, gradient strategies at each draw.

Nothing is here yet; it will build on GenJAX's generative functions and Optax.
"""

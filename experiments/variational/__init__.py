"""Programmable variational inference on small problems whose evidence is known exactly.

Source: "Probabilistic Programming with Programmable Variational Inference" (PLDI 2024).
"""

"""Someone who sees a walk and infers what the walker likes: Bayes' rule over a table of plans.

The watcher takes the walker to know what is open, and holds places open by beliefs of the watcher's own.
The chance of each goal, given which places are liked and open and whether there is a bike, is a
one-dimensional integral (goals.py).

Source: Baker, Saxe and Tenenbaum, Action understanding as inverse planning (2009).
"""

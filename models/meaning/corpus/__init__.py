"""The generator's rooms: names, predicates, patterns, and worlds invented at random."""

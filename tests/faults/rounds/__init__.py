"""Rounds of random faults against a whole Ferry: ``make faults FAULT_ROUNDS=n FAULT_SEED=s``.

``classes/`` has one file for each class of the matrix: a fault is a function that breaks something,
and mends it again. ``plan`` draws them, ``play`` runs one round, ``table`` counts what came of it.
"""

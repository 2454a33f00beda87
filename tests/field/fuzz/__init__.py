"""Seeded mutations of what sources send: pure readers in bulk, and whole fetches.

``FIELD_SEED`` is the seed; without it, the commit's. ``FIELD_READS`` and ``FIELD_FETCHES`` say how
many (10,000 and 200 in ``.ci/run``, fewer by default). A failure names its seed and prints the
input; ``python -m tests.field.fuzz.reads TARGET SEED 1`` reads it again.
"""

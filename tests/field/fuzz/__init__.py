"""Seeded mutations of what sources send: pure readers in bulk, and whole fetches.

``FIELD_SEED`` is the seed; without it, the commit's. ``FIELD_READS`` and ``FIELD_FETCHES`` say how
many (else 10,000 and 200 in the long form, fewer in the short one). A failure names its seed and
prints the input; ``python -m tests.field.fuzz.reads TARGET SEED 1`` reads it again.
"""

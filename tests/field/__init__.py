"""Inputs of the field: each file rebuilds one kind that people met, in several forms.

A kind declares its origin and its right outcome once (``KIND``). ``test_fetch`` of each file runs
every form by ``manage.py fetch``; ``whole/`` runs each kind through the whole product. A new kind
is a new file: its docstring says what is odd about the input and names the public report.
"""

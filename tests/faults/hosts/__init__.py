"""Hosts cut off from each other, in a network namespace of their own; `.ci/run` runs them as root.

unshare -n python -m tests.faults.hosts [seconds]
"""

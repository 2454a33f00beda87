"""The people of the tests of the search."""

from tests.support.people import alice, bob

__all__ = ["alice", "bob"]

"""Sinks: the targets of a transfer. ``base`` is the protocol, each other module one kind of
target."""

"""Where a transfer writes. ``base`` is the protocol, each other module one kind of place."""

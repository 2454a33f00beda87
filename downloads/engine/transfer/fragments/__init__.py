"""Transfer of the fragments of one HLS or DASH stream into a spool on disk, which feeds them on.

``engine.run`` is the entry point, ``spool.FragmentSpool`` the store. ``window`` and ``estimate``
decide, ``fetches`` keeps the connections busy, the process's reactor drains the bodies.
"""

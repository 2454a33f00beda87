"""Fetches the fragments of one HLS or DASH stream into a spool on disk, and feeds them on.

``engine.run`` is the way in, ``spool.FragmentSpool`` the place. ``window`` and ``estimate``
decide, ``fetches`` keeps the connections busy, the process's reactor drains the bodies.
"""

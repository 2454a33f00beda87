"""The transfer engine: moves the bytes of one stream into one sink, exactly, and survives being
killed.

It never reaches out: client, sink, checkpoint store, stop token and callbacks are passed in.
``engine.run`` is the entry point; ``plan`` and ``segments`` decide, ``reactor`` drains the sockets.
"""

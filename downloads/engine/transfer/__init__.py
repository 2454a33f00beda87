"""The transfer engine: moves the bytes of one stream into one sink, exactly, and survives being
killed.

All dependencies are passed in: client, sink, checkpoint store, stop token and callbacks.
``engine.run`` is the entry point; ``plan`` and ``segments`` decide, ``reactor`` drains the sockets.
"""

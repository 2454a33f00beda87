"""A comparison of Ferry with other programs on the inputs of ``tests/field``.

    python -m benchmarks.peers http|hls|dash [--only KIND ...]

Run by hand, a family at a time: each writes its section of ``docs/peers.md``. Loopback alone, one
browser at a time. It needs curl, ffmpeg, Chromium and, for the players, npm: hls.js and Shaka
Player are installed into a scratch folder.
"""

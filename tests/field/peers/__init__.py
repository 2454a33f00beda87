"""The field's inputs put to other programs, beside Ferry: ``python -m tests.field.peers``.

Made by hand: it installs hls.js and Shaka Player from npm into a scratch folder, and needs curl,
ffmpeg, node's npm and Chromium. The result is ``docs/peers.md``.
"""

"""ffmpeg: merges what was fetched into one file. Offline, in the jail.

config      the ffmpeg program, and its limits
inputs      the inputs: files, or feeds that are still being fetched
recipe      the properties of the file to make
mux         the way from inputs to a finished file; ``join`` for sources that change midway
inspect     the real content of a file; ``verify`` compares it with the inputs
command     ffmpeg's arguments, ``metadata`` and ``formats`` for them (pure)
index       the space reserved at the front of an MP4 for its index (pure)
ffmpeg      one run: jail, feeders, progress, failures
cover, subtitles   the extras
subtitle_child     inside the jail: webvtt, subrip, ttml, mp4_text and text_encoding read,
                   film_clock places, cues writes
"""

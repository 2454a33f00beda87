"""ffmpeg: puts what was fetched together into one file. Offline, in the jail.

config      which ffmpeg, and what it may use
inputs      what there is to put together: files, or feeds that are still being fetched
recipe      what is to come of it
mux         the way from inputs to a finished file; ``join`` for sources that change midway
inspect     what a file really holds; ``verify`` against what was to come of it
command     ffmpeg's arguments, ``metadata`` and ``formats`` for them (pure)
index       how much room in front of an MP4 its index gets (pure)
ffmpeg      one run of it: jail, feeders, progress, failures
cover, subtitles   what comes along
subtitle_child     inside the jail: webvtt, subrip, ttml, mp4_text and text_encoding read,
                   film_clock places, cues writes
"""

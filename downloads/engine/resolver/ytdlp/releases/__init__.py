"""Releases of yt-dlp on this host: the installed one, and newer ones in a folder of their own.

record    the typed record: which one is in use, which was before, which were refused and why
store     the folder: read the record, swap, roll back, prune
index     wheels from pip's index
wheel     a wheel, unpacked
update    fetch, unpack, self-test, swap
"""

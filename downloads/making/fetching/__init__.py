"""The streams of a selection on their way to the disk, into files and spools below one folder.

The engines know one stream each. Here they are joined; links that have expired are resolved again
once for all of them.
"""

"""Backups of a running Ferry, and their restore.

manifest    what a backup holds, with the checksum of each file
contents    the list of stored files, and the settings, as text
sqlite, postgresql    the database into one file, and back
create, restore    a whole backup, and its way back
"""

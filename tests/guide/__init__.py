"""The guide of a bare machine, followed block by block in a small Debian."""

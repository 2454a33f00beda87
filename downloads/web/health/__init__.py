"""The health strip: whether all is well, in one line."""

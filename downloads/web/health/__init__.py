"""The health strip: the state of the service in one line."""

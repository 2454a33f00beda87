"""The examination of this installation, for staff."""

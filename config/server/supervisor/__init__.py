"""The supervisor of `manage.py up`: the Procfile's processes, kept alive until it is stopped."""

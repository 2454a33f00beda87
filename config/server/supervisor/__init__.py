"""What `manage.py up` is made of: the Procfile's processes, kept alive until told to end."""

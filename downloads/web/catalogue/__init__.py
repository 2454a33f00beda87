"""``/catalogue/``: content for everyone, kept by staff."""

"""One finished file of what was found: fetched, put together, told of. Without Django."""

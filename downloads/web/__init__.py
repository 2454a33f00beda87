"""The pages, a package for each."""

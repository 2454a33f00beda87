"""Configuration and the processes around the product."""

"""Processes of the product: what runs, guards and observes them."""

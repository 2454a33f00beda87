"""The image of the Dockerfile: built without a registry, run without a container engine."""

"""What the runner does to a rendition, a step a file. None knows another but by the layers."""

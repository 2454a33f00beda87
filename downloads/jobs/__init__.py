"""Steps of the runner on a rendition, one a file. None knows another but by the layers."""

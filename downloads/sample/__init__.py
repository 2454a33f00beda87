"""The sample content: a clip made on the spot, so that the first minute needs no internet."""

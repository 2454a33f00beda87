"""The sample content: a clip that ships with Ferry, so that the first minute needs no internet."""

"""The pipeline: one finished file of a resolution, fetched, merged, reported. Without Django."""

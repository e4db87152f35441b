"""Training targets of text detectors and recognisers, made of vector labels: anybody's quads and polygons will do."""

"""What a camera's lens, shutter and processing add to `degrade`, each in its place in the same order."""

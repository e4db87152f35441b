"""The surface that text lies on, and what lies before it. None of it moves a pixel."""

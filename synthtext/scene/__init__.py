"""Scenes: many groups of text, each on a plane of its own, in front of a photograph or a built background."""

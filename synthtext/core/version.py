"""The package's version: part of what a data set records, since samples may differ between versions."""

__version__ = "0.1.0"

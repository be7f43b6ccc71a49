"""Reads single cells as a person sees them, and says why one is doubted."""

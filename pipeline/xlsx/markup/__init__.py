"""Looks at a part's XML as bytes: finds its tags, cuts it into blocks of rows, changes a few places of it."""

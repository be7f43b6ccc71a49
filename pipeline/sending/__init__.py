"""Sends the calls of a plan, and looks up what is in doubt; knows no vendor and no file."""

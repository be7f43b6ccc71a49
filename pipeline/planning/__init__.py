"""Decides which AWBs go out, in which calls, and which rows stay behind and why. Pure."""

"""Tells a run: the numbers, the page, and how to go on. Pure; knows no ledger."""

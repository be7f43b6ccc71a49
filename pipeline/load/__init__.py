"""Reads a sheet of any export: which sheet it is, where its header stands, which column is what; then its rows."""

from pipeline.load.date_choice import DatesDecide
from pipeline.load.loader import ORDERS, REFERENCES, Table, Wishes, load

__all__ = ["ORDERS", "REFERENCES", "DatesDecide", "Table", "Wishes", "load"]

"""What a table must look like: the order export, what is written back, and how systems spell their columns."""

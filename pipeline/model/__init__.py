"""The frozen values that flow through a job, from the cell that was read to the answer that was given."""

"""iThink Logistics: its requests, its replies, its settings. Nothing of the vendor's contract stands elsewhere."""

"""What assigns probability: `worlds`, `words`, `meaning`, and the `conversation` that joins them."""

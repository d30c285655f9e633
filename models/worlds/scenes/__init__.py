"""Static scenes: up to twelve objects on a table, spoken of by what they are and where they stand."""

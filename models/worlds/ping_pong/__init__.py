"""Ping Pong in Church: the tug-of-war of the judgements that people gave, in its numbers."""

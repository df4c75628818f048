"""What to do in a case of each kind: short cards that practitioners own, one file per category."""

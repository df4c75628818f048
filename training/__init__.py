"""How the model of screening is trained and how screening is measured; docs/explanation/screening.md says what for."""

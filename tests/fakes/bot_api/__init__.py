"""The rooms of the fake Bot API server; `tests.fakes.telegram` is its front door."""

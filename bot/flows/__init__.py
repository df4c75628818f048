"""Conversations as tables: one file per flow; nothing here does input or output."""

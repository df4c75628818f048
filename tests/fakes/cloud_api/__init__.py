"""The pieces of the Cloud API server of our own."""

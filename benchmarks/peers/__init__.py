"""What people would use instead, each with its best settings, playing the same script over the same null network."""

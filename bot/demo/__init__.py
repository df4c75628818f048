"""The demo: a real Hamroh over phones in memory, a clock moved by hand and invented people."""

"""Tests of Hamroh; the tree mirrors the rooms."""

"""Hamroh: a companion for mothers between the sessions of a Mothers School."""

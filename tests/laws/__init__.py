"""Laws of safeguarding, tried from outside on a whole Hamroh."""

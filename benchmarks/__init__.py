"""How fast Hamroh is, beside what people would use instead; docs/explanation/benchmarks.md says what is measured."""

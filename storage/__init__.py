"""The only room that speaks SQL: schema, one unit of work, sealing, migrations."""

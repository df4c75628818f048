"""Words on their way to translators and back: as gettext catalogues or as one spreadsheet, never as code."""

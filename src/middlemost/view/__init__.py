"""Results to pictures, tables and pages: one set of parts for the report and the desk."""

"""What touches SQL: the tables, the one writer, and the operations on them as plain functions of a connection."""

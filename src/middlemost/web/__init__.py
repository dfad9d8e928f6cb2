"""The pages and the interface: what a browser or a program sees of a project."""

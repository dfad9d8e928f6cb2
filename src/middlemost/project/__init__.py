"""One module a verb: the only place where the store, the files and the methods meet."""

"""The ground floor: the nouns, coded columns, typed values, results."""

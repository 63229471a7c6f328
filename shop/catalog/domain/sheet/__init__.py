"""A producer's list: from the cells of a spreadsheet to products or named problems."""

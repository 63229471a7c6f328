"""Finding a good plan: PyVRP and the layer above it."""

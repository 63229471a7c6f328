"""The printed sheets of the preparation and of the round, as plain values.

One shape serves page, print and JSON. Each module holds the shape of one document and its
``to_print``, which writes every value out in the reader's language for a template.
"""

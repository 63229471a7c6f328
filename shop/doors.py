"""What stands around each page for the person who looks at it."""

"""What happens by a clock or a queue: thin tasks over the services of the shop."""

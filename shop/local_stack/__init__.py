"""One command for a whole shop: services, simulators, worker and web on this machine."""

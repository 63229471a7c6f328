"""What the tests stand on: real servers, databases of their own, a closed network, a browser."""

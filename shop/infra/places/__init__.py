"""Places known without the network: the communes of France."""

"""``python -m shop.local_stack``: what ``make run`` calls once the packages are there."""

from __future__ import annotations

import argparse
import sys

from shop.local_stack.addresses import LOOPBACK
from shop.local_stack.children import stop_on_signals
from shop.local_stack.supervisor import run_stack


def main() -> int:
    """Read the arguments and run the stack."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--port", type=int, help="where the shop answers (8000, or the next free)")
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on")
    arguments = parser.parse_args()
    stop_on_signals()
    return run_stack(arguments.host, arguments.port, lambda line: print(line, flush=True))


if __name__ == "__main__":
    sys.exit(main())

"""``python -m shop.simulators.stripe``: the payment simulator as a program of its own."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path
from types import FrameType

from werkzeug.serving import make_server

from shop.simulators.stripe.app import WEBHOOK_SECRET, Config, Simulator
from shop.simulators.stripe.delivery import Postman

LOOPBACK = "127.0.0.1"


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=LOOPBACK)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--webhook-url", help="where events are posted; none: they wait")
    parser.add_argument("--webhook-secret", default=WEBHOOK_SECRET)
    parser.add_argument("--api-key", help="the only key to accept; none: any simulator's key")
    parser.add_argument("--data", type=Path, required=True, help="file that keeps everything")
    parser.add_argument("--page-base", help="address that browsers see; default: host and port")
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    arguments.data.parent.mkdir(parents=True, exist_ok=True)
    simulator = Simulator(
        Config(
            data=str(arguments.data),
            api_key=arguments.api_key,
            webhook_secret=arguments.webhook_secret,
            page_base=arguments.page_base or f"http://{arguments.host}:{arguments.port}",
        )
    )
    postman = None
    if arguments.webhook_url:
        postman = Postman(simulator.post, arguments.webhook_url, say)
        postman.start()
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    server = make_server(arguments.host, arguments.port, simulator.app, threaded=True)
    say(f"payment simulator on http://{arguments.host}:{arguments.port}")
    try:
        server.serve_forever()
    except Stopped:
        pass
    finally:
        if postman is not None:
            postman.stopping.set()
            postman.join(timeout=2)
        simulator.close()


class Stopped(Exception):
    """A signal asked the program to end."""


def leave(number: int, frame: FrameType | None) -> None:
    """End in good order."""
    raise Stopped


def say(words: str) -> None:
    """One line of the log."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

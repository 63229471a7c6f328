"""``python -m shop.local_stack.mailbox``: catch mail on one port, show it on another."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from threading import Thread

from werkzeug.serving import make_server

from shop.local_stack.addresses import LOOPBACK
from shop.local_stack.children import Stopped, pause, stop_on_signals
from shop.local_stack.mailbox.catcher import catch_mail
from shop.local_stack.mailbox.pages import make_pages
from shop.local_stack.mailbox.store import MailStore


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--web-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where mails are kept")
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    store = MailStore(arguments.folder)
    stop_on_signals()
    listening = catch_mail(store, LOOPBACK, arguments.smtp_port)
    pages = make_server(LOOPBACK, arguments.web_port, make_pages(store), threaded=True)
    Thread(target=pages.serve_forever, name="pages", daemon=True).start()
    try:
        while True:
            pause(0.2)
    except Stopped:
        pages.shutdown()
        listening.stop()


if __name__ == "__main__":
    main()

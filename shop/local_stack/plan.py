"""What the stack is made of: the variables every part reads, the command of each child."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from shop.local_stack.addresses import LOOPBACK, accepts, serves_pages
from shop.local_stack.children import Child, Recipe
from shop.local_stack.folders import PROJECT, RunFolder

COMMAND_LINE = "import sys; from shop.cli import main; sys.exit(main())"


@dataclass(frozen=True)
class Doors:
    """The ports of this run."""

    host: str
    web: int
    mail_pages: int
    smtp: int
    stripe: int

    @property
    def mailbox_url(self) -> str:
        """Where caught mail is read."""
        return f"http://{LOOPBACK}:{self.mail_pages}"


@dataclass(frozen=True)
class Part:
    """A child with the question that tells whether it is ready."""

    recipe: Recipe
    ready: Callable[[Child], bool]
    within_s: float = 60.0


def site_variables(environment: Mapping[str, str], run: RunFolder, doors: Doors) -> dict[str, str]:
    """What the application is told beyond its two stores; what is already set is kept."""
    shown_host = LOOPBACK if doors.host in {"0.0.0.0", "::"} else doors.host
    site = f"http://{shown_host}:{doors.web}"
    # Browsers find the payment pages under the name by which they find the site.
    seen_host = urlsplit(environment.get("BASE_URL") or site).hostname or shown_host
    offered = {
        "BASE_URL": site,
        "MEDIA_DIR": str(run.child("media")),
        "SECRET_KEY": run.secret("session"),
        "SIMULATION": "1",
        "SMTP_URL": f"smtp://{LOOPBACK}:{doors.smtp}",
    }
    if catches_mail(environment):
        offered["MAILBOX_URL"] = doors.mailbox_url
    if simulates_stripe(environment):
        offered |= {
            "STRIPE_API_BASE": f"http://{LOOPBACK}:{doors.stripe}",
            "STRIPE_PAGE_BASE": f"http://{seen_host}:{doors.stripe}",
            "STRIPE_API_KEY": f"sk_sim_{run.secret('stripe_key')}",
            "STRIPE_PUBLIC_KEY": f"pk_sim_{run.secret('stripe_public')}",
            "STRIPE_WEBHOOK_SECRET": f"whsec_{run.secret('stripe_webhook')}",
        }
    return {name: environment.get(name) or value for name, value in offered.items()}


def _listens_on(host: str) -> str:
    """Where the payment pages listen: for this machine alone, or for all that see the site."""
    return LOOPBACK if host == LOOPBACK else "0.0.0.0"


def simulates_stripe(environment: Mapping[str, str]) -> bool:
    """Whether payments go to the simulator: nobody named another Stripe."""
    return not (environment.get("STRIPE_API_KEY") or environment.get("STRIPE_API_BASE"))


def catches_mail(environment: Mapping[str, str]) -> bool:
    """Whether mail goes to the catcher: nobody named a server."""
    return not environment.get("SMTP_URL")


def simulators(
    asked: Mapping[str, str], environment: Mapping[str, str], run: RunFolder, doors: Doors
) -> list[Part]:
    """Stand-ins for the outside world; ``asked`` is what the user set."""
    parts = []
    if catches_mail(asked):
        parts.append(
            Part(
                _python(
                    "mail",
                    ["-m", "shop.local_stack.mailbox"],
                    ["--smtp-port", str(doors.smtp), "--web-port", str(doors.mail_pages)],
                    ["--folder", str(run.child("mail"))],
                    environment=environment,
                    run=run,
                ),
                lambda _: accepts(doors.smtp) and serves_pages(doors.mail_pages),
            )
        )
    if simulates_stripe(asked):
        webhook = f"http://{LOOPBACK}:{doors.web}/hooks/stripe"
        parts.append(
            Part(
                _python(
                    "stripe",
                    ["-m", "shop.simulators.stripe"],
                    ["--host", _listens_on(doors.host), "--port", str(doors.stripe)],
                    ["--webhook-url", webhook, "--page-base", environment["STRIPE_PAGE_BASE"]],
                    ["--webhook-secret", environment["STRIPE_WEBHOOK_SECRET"]],
                    ["--api-key", environment["STRIPE_API_KEY"]],
                    ["--data", str(run.child("stripe") / "state.json")],
                    environment=environment,
                    run=run,
                ),
                lambda _: serves_pages(doors.stripe),
            )
        )
    return parts


def application(environment: Mapping[str, str], run: RunFolder, doors: Doors) -> list[Part]:
    """The worker and the web server, as in production but for their number."""
    worker = _python(
        "worker",
        ["-m", "celery", "-A", "worker.celery_app", "worker"],
        ["--beat", "--schedule", str(run.child("worker") / "schedule")],
        ["--queues", "quick,slow", "--pool", "threads", "--concurrency", "2"],
        ["--loglevel", "INFO"],
        ["--hostname", f"carriole-{doors.web}@%h", "--without-mingle", "--without-gossip"],
        environment=environment,
        run=run,
        patience_s=20.0,
    )
    web = _python(
        "web",
        ["-m", "gunicorn", "shop.app:create_app()"],
        ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--preload"],
        ["--bind", f"{doors.host}:{doors.web}", "--no-control-socket", "--timeout", "60"],
        environment=environment,
        run=run,
    )
    return [
        Part(worker, lambda child: " ready." in child.written()),
        Part(web, lambda _: serves_pages(doors.web, "/health")),
    ]


def migrations(environment: Mapping[str, str], run: RunFolder) -> Recipe:
    """Bring the tables up to date."""
    return _python(
        "migrate",
        ["-m", "flask", "--app", "shop.app:create_app", "db", "upgrade"],
        environment=environment,
        run=run,
    )


def command(
    name: str, arguments: list[str], environment: Mapping[str, str], run: RunFolder
) -> Recipe:
    """One of the project's own commands, run to its end."""
    return _python(name, ["-c", COMMAND_LINE], arguments, environment=environment, run=run)


def _python(
    name: str,
    *arguments: list[str],
    environment: Mapping[str, str],
    run: RunFolder,
    patience_s: float = 10.0,
) -> Recipe:
    return Recipe(
        name=name,
        command=[sys.executable, *(part for group in arguments for part in group)],
        environment=environment,
        folder=Path(PROJECT),
        log=run.log_of(name),
        patience_s=patience_s,
    )

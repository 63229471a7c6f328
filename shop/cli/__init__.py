"""Commands of the shop: ``carriole <command>``; each prints for people, or JSON with ``--json``."""

from __future__ import annotations

from flask.cli import FlaskGroup

from shop.app import create_app
from shop.cli.bench import bench_shop
from shop.cli.bench_desk import bench_desk
from shop.cli.bench_payments import bench_payments
from shop.cli.bench_replan import bench_replan
from shop.cli.bench_rounds import bench_rounds
from shop.cli.catalogue import import_catalogue
from shop.cli.cycles import close_cycle, open_cycle, plan_rounds
from shop.cli.demo import demo_accounts, seed_demo
from shop.cli.dfc import plan_dfc
from shop.cli.journal import check_journal
from shop.cli.plan import plan_file
from shop.cli.roads import prepare_roads
from shop.cli.sheets import picking_sheets
from shop.cli.upkeep import check_ledger, replay_outbox

COMMANDS = (
    import_catalogue,
    open_cycle,
    close_cycle,
    plan_rounds,
    plan_file,
    plan_dfc,
    prepare_roads,
    picking_sheets,
    check_ledger,
    check_journal,
    replay_outbox,
    seed_demo,
    demo_accounts,
    bench_shop,
    bench_desk,
    bench_replan,
    bench_rounds,
    bench_payments,
)

group = FlaskGroup(
    name="carriole",
    create_app=create_app,
    add_default_commands=False,
    add_version_option=False,
    set_debug_flag=False,
    load_dotenv=False,
    help="Open multi-producer local-food shop, and the logistics behind it.",
)
for _command in COMMANDS:
    group.add_command(_command)


def main() -> None:
    """Run the command that was asked for; the exit status tells whether it succeeded."""
    group.main(prog_name="carriole")

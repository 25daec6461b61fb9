"""`fleetapp site check` and `fleetapp site new`: look at a site, or make one."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from fleetapp.layout.check import check_site
from fleetapp.layout.finding import Finding, Level
from fleetapp.layout.generator import HallPlan, PlanError, write_site
from fleetapp.layout.site import SITE_FILES


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `site` with its two commands."""
    site = subparsers.add_parser("site", help="check a site's folder, or make a new one")
    commands = site.add_subparsers(dest="site_command", metavar="COMMAND", required=True)
    check = commands.add_parser("check", help="say what is wrong with a site, and the remedy")
    check.add_argument("folder", type=Path, metavar="DIR", help="the site's folder")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    check.set_defaults(run=run_check)
    _add_new(commands)


def run(args: argparse.Namespace) -> int:
    """Run the chosen site command."""
    return int(args.run(args))


def _add_new(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    new = commands.add_parser("new", help="make a believable warehouse")
    new.add_argument("--to", type=Path, required=True, metavar="DIR", help="folder to write")
    new.add_argument("--aisles", type=int, default=12, metavar="N")
    new.add_argument("--bays", type=int, default=12, help="bays a side of an aisle in each block")
    new.add_argument("--cross-aisles", type=int, default=3, help="top and bottom count")
    new.add_argument("--packs", type=int, help="pack stations, P1 ...")
    new.add_argument("--docks", type=int, default=2, help="docks of each pack station")
    new.add_argument("--queue", type=int, default=2, help="queue places before each pack dock")
    new.add_argument("--goods-in", type=int, help="goods-in gates, G1 ...")
    new.add_argument("--chargers", type=int, help="chargers, C01 ...")
    new.add_argument("--parking", type=int, help="parking places, K01 ...")
    new.add_argument("--single-lanes", action="store_true", help="main lanes one way only")
    new.add_argument("--foreign-types", action="store_true", help="robot types of other makers")
    new.add_argument("--name", help="shown on the screen (default: the id)")
    new.add_argument("--id", help="site and map id (default: the folder's name)")
    new.add_argument("--seed", type=int, default=1)
    new.set_defaults(run=run_new)


def run_check(args: argparse.Namespace) -> int:
    """Print the findings; 1 if any is an error, 2 if the folder cannot be read."""
    folder: Path = args.folder
    if not folder.is_dir():
        print(f"{folder} is no folder: give the folder of a site", file=sys.stderr)
        return 2
    if not any((folder / name).exists() for name in SITE_FILES):
        print(
            f"{folder} holds no site: a site's folder holds {', '.join(SITE_FILES)}",
            file=sys.stderr,
        )
        return 2
    site, findings = check_site(folder)
    errors = sum(found.level is Level.ERROR for found in findings)
    if args.json:
        print(json.dumps(_report(folder, findings, errors)))
        return 1 if errors else 0
    for found in findings:
        print(found)
    counts = f"{errors} errors, {len(findings) - errors} warnings"
    if site is None:
        print(f"{folder}: {counts}")
    else:
        print(
            f"{site.name}: {len(site.nodes)} nodes, {len(site.edges)} edges, "
            f"{len(site.stations)} stations, {len(site.robot_types)} robot types; {counts}"
        )
    return 1 if errors else 0


def _report(folder: Path, findings: tuple[Finding, ...], errors: int) -> dict[str, object]:
    return {
        "folder": str(folder),
        "errors": errors,
        "warnings": len(findings) - errors,
        "findings": [asdict(found) for found in findings],
    }


def run_new(args: argparse.Namespace) -> int:
    """Write a new site; 2 if it cannot be built or written as wished."""
    folder: Path = args.to
    site_id = args.id or folder.resolve().name
    taken = [name for name in SITE_FILES if (folder / name).exists()]
    if taken:
        print(
            f"{folder} holds a site already ({', '.join(taken)}): give another folder",
            file=sys.stderr,
        )
        return 2
    try:
        write_site(_plan(args, site_id), folder)
    except (PlanError, OSError) as error:
        print(f"no site was written: {error}", file=sys.stderr)
        return 2
    print(f"{folder}: written; look at it with: fleetapp site check {folder}")
    return 0


def _plan(args: argparse.Namespace, site_id: str) -> HallPlan:
    return HallPlan(
        name=args.name or site_id,
        site_id=site_id,
        aisles=args.aisles,
        bays=args.bays,
        cross_aisles=args.cross_aisles,
        packs=args.packs,
        docks=args.docks,
        queue=args.queue,
        goods_in=args.goods_in,
        chargers=args.chargers,
        parking=args.parking,
        double_lanes=not args.single_lanes,
        foreign_types=args.foreign_types,
        seed=args.seed,
    )

"""The command `wegweiser`: one subcommand a verb. Standard output carries results only, logs go to standard error."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bot.directory_tools.arguments import add_arguments as add_directory_arguments
from bot.release.arguments import add_arguments as add_model_arguments
from bot.settings import ROOT, Settings, SettingsError
from bot.staff.posters.arguments import add_arguments as add_poster_arguments

Handler = Callable[[Settings, argparse.Namespace], int]


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; 2 for wrong use or settings, 1 for a failure that is explained."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    try:
        settings = Settings.from_env()
    except SettingsError as exc:
        return _wrong_settings(arguments, exc)
    from bot.launcher import LaunchError
    from bot.operations.schema import SchemaError
    from bot.rasa_compat.quiet import configure_logging

    configure_logging(settings.log_level, settings.log_format)
    try:
        return int(arguments.handler(settings, arguments) or 0)
    except (LaunchError, SchemaError) as exc:
        print(f"wegweiser: {exc}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0


def _wrong_settings(arguments: argparse.Namespace, exc: SettingsError) -> int:
    """Say what is wrong; for what serves also what else would stop its start, and for `doctor` the rest that it finds."""
    faults = str(exc).splitlines()
    if exc.settings is not None and arguments.command == "doctor":
        from bot.quality.doctor import main as doctor

        return doctor(exc.settings, faults, arguments.json)
    if exc.settings is not None and arguments.command in ("serve", "actions"):
        from bot import preflight

        serving = None if arguments.command == "serve" else (arguments.host, arguments.port)
        faults += preflight.faults(exc.settings, exc.wrong, serving)
    print("wegweiser: settings are wrong:", *faults, sep="\n", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wegweiser", description="Orientation assistant for newcomers in Saxony.")
    commands = parser.add_subparsers(dest="command", required=True)

    def add(name: str, handler: Handler, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(handler=handler)
        return command

    add("serve", _serve, "Serve the assistant: page, widget, Telegram when a token is set.")
    actions = add("actions", _actions, "Serve the actions alone, for processes that serve with WEGWEISER_ACTIONS_URL.")
    actions.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    actions.add_argument("--port", type=int, default=5055, help="the port to listen on")
    train = add("train", _train, "Train the model from data/.")
    train.add_argument("--force", action="store_true", help="train everything anew")
    train.add_argument("--if-needed", action="store_true", help="only when the model is missing or older than the data")
    add_model_arguments(add("model", _model, "Make keys; pack, sign, check and deliver releases of the model."))
    add("parse", _parse, "Read JSON lines with text and hint; write intent, language and entities.")
    talk = add("talk", _talk, "Read JSON lines of a conversation; write the replies.")
    talk.add_argument("--at", default="", help="the time it shall be, e.g. 2026-11-23T10:00")
    evaluate = add("evaluate", _evaluate, "Measure understanding on JSON-lines files with text, intent, lang, style.")
    evaluate.add_argument("files", nargs="+", help="files or folders of .jsonl files")
    evaluate.add_argument("--engine", default="wegweiser", choices=["wegweiser", "stock"], help="what is measured")
    evaluate.add_argument("--json", default="", help="also write the figures to this file")
    evaluate.add_argument("--card", default="", help="also write the quality card to this file")
    evaluate.add_argument("--public", action="store_true", help="the files are CLINC150 (JSON) or Banking77 (CSV)")
    directory = add(
        "directory", _directory, "Check, report, edit and compare the directory: docs/directory-editors.md."
    )
    add_directory_arguments(directory)
    bench = add(
        "bench",
        _bench,
        "Measure what growth of the directory costs, what each stage of an answer costs, or whether a search is beaten.",
    )
    bench.add_argument("what", choices=["directory", "usefulness", "report", "stages"])
    bench.add_argument("--sizes", default="", help="numbers of services, separated by commas")
    bench.add_argument("--json", default="", help="also write the figures to this file")
    messages = add(
        "messages",
        _messages,
        "Check or update the catalogues under locales/, see and record their state, start a language, list what is old.",
    )
    verbs = ["check", "update", "table", "blind", "back", "reviewed", "new-language", "stale"]
    messages.add_argument("verb", choices=verbs)
    messages.add_argument("code", nargs="?", default="", help="ISO 639 code of a language")
    messages.add_argument("file", nargs="?", default="", help="what the second translator wrote, for `back`")
    messages.add_argument("--by", default="", help="who has reviewed the language, for `reviewed`")
    messages.add_argument("--on", default="", help="the day of the review, by default today")
    messages.add_argument("--out", default="", help="write `table` or `blind` to this file")
    telegram = add("telegram", _telegram, "Set the bot's profile in twelve languages, or make a link for a poster.")
    telegram.add_argument("verb", choices=["profile", "link"])
    for name in ("place", "topic", "language", "campaign"):
        telegram.add_argument(f"--{name}", default="", help=f"the {name} a link carries")
    add_poster_arguments(add("poster", _poster, "Make a poster, strips or wallet cards with QR codes for a site."))
    staff = add("staff", _staff, "Make the hash of the password for the staff pages.")
    staff.add_argument("verb", choices=["hash"])
    review = add("review", _review, "See what was not understood; make training messages of what a reviewer accepts.")
    review.add_argument("verb", choices=["list", "export", "import", "clear"])
    review.add_argument("file", nargs="?", default="", help="table to write or to read, .xlsx or .csv")
    review.add_argument("--by", default="", help="who has reviewed, for `import`")
    report = add(
        "report", _report, "Write the monthly report: HTML to print, CSV and its description; no small numbers."
    )
    report.add_argument("--month", default="", help="such as 2026-10, by default the last finished month")
    report.add_argument("--out", default="", help="the folder to write to; without it a summary is printed")
    backup = add("backup", _backup, "Write an archive of what cannot be made again, encrypted with age.")
    backup.add_argument("--to", required=True, help="the file to write")
    backup.add_argument("--recipient", action="append", default=[], help="a public key of age (age1…), several times")
    backup.add_argument(
        "--with", action="append", default=[], dest="more", help="a file or folder besides, several times"
    )
    restore = add("restore", _restore, "Bring an archive of `wegweiser backup` back into a new installation.")
    restore.add_argument("--from", required=True, dest="source", help="the archive")
    restore.add_argument("--identity", required=True, help="the file with the private key of age")
    key = add("key", _key, "Change the secret of the data folder; open conversations go on for one retention.")
    key.add_argument("verb", choices=["rotate"])
    key.add_argument("--force", action="store_true", help="also when the secret before is still known, which ends now")
    flow = add("dataflow", _dataflow, "Write docs/data-flow.md: what comes in, goes out and is kept, from the code.")
    flow.add_argument("--out", default="docs/data-flow.md", help="the page to write")
    flow.add_argument("--check", action="store_true", help="compare instead; 1 when the page is older than the code")
    doctor = add("doctor", _doctor, "List all settings, check the installation, and say what to do.")
    doctor.add_argument("--json", action="store_true", help="write what was found as JSON")
    forget = add("forget", _forget, "Delete conversations older than the retention, or all.")
    forget.add_argument("--all", action="store_true", help="delete every conversation")
    return parser


def _serve(settings: Settings, _: argparse.Namespace) -> int:
    from bot.launcher import serve

    serve(settings)
    return 0


def _actions(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.action_server import serve

    serve(settings, arguments.host, arguments.port)
    return 0


def _model(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.release.main import main as model

    return model(arguments, settings)


def _train(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot import launcher
    from bot.quality.freshness import model_is_current

    if arguments.if_needed and model_is_current(settings.model):
        print("the model is up to date", file=sys.stderr)
        return 0
    print("training the model, this takes some minutes …", file=sys.stderr, flush=True)
    print(launcher.train(settings, force=arguments.force))
    return 0


def _parse(settings: Settings, _: argparse.Namespace) -> int:
    from bot.quality.lines import parse_lines

    return parse_lines(settings, sys.stdin.buffer, sys.stdout)


def _talk(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.quality.lines import talk_lines

    return talk_lines(settings, sys.stdin.buffer, sys.stdout, arguments.at)


def _evaluate(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.quality.evaluate import main as evaluate

    if arguments.public:
        from bot.quality.public import main as public

        return public(arguments.files, arguments.engine, arguments.json)
    return evaluate(settings, arguments.files, arguments.engine, arguments.json, arguments.card)


def _directory(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.directory_tools.main import main as directory

    return directory(settings, arguments)


def _bench(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.what == "usefulness":
        from bot.quality.usefulness import main as usefulness

        return usefulness(settings, arguments.json)
    if arguments.what == "stages":
        from bot.quality.bench_stages import main as stages

        return stages(settings, arguments.json)
    if arguments.what == "report":
        from bot.quality.bench_report import main as bench_report

        return bench_report(out=arguments.json)
    from bot.quality.bench_directory import main as bench

    try:
        sizes = [int(part) for part in arguments.sizes.split(",") if part.strip()]
    except ValueError:
        print("wegweiser bench: --sizes must be whole numbers separated by commas", file=sys.stderr)
        return 2
    return bench(sizes, arguments.json)


def _messages(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.verb == "new-language":
        from bot.quality.new_language import main as new_language

        return new_language(arguments.code)
    if arguments.verb == "stale":
        from datetime import date

        from bot.quality.stale_texts import report

        print("\n".join(report(ROOT / "data", date.today(), settings.old_months)))
        return 0
    if arguments.verb in ("table", "blind", "back", "reviewed"):
        from bot.quality.translations import main as translations

        given = (arguments.verb, arguments.code, arguments.file, arguments.by, arguments.on, arguments.out)
        return translations(*given)
    from bot.speech.messages import main as messages

    return messages(arguments.verb)


def _telegram(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.quality.telegram import link, profile

    if arguments.verb == "profile":
        return profile(settings)
    return link(settings, arguments.language, arguments.place, arguments.topic, arguments.campaign)


def _poster(settings: Settings, arguments: argparse.Namespace) -> int:
    from actions.follow_up import MAIN_TOPICS
    from bot.staff.posters.command import main as poster

    return poster(settings, arguments, MAIN_TOPICS)


def _staff(_: Settings, arguments: argparse.Namespace) -> int:
    from bot.quality.staff_hash import main as staff_hash

    return staff_hash(sys.stdin, sys.stdout)


def _review(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.quality.review import main as review

    return review(settings, arguments)


def _report(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.staff.report.command import main as report

    return report(settings, arguments.month, arguments.out)


def _backup(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.quality.backup import backup

    return backup(settings, Path(arguments.to), arguments.recipient, [Path(name) for name in arguments.more])


def _restore(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.quality.backup import restore

    return restore(settings, Path(arguments.source), Path(arguments.identity))


def _key(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.quality.key import rotate

    return rotate(settings, arguments.force)


def _dataflow(_: Settings, arguments: argparse.Namespace) -> int:
    from bot.quality.data_flow import main as dataflow

    return dataflow(arguments.out, arguments.check)


def _doctor(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.quality.doctor import main as doctor

    return doctor(settings, as_json=arguments.json)


def _forget(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.memory.forget import main as forget

    elsewhere = None
    if settings.redis_url:
        from bot.shared_wiring import forget_shared

        elsewhere = partial(forget_shared, settings)
    return forget(settings, everything=arguments.all, elsewhere=elsewhere)


if __name__ == "__main__":
    sys.exit(main())

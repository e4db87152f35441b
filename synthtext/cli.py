"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from synthtext.core.errors import InputError, SampleError
from synthtext.core.version import __version__
from synthtext.formats import describe_formats
from synthtext.targets import TAKES

_THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class _Parser(argparse.ArgumentParser):
    """Bad usage is bad input: one sentence, like all others."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see {self.prog} --help)")


def _generate(args: argparse.Namespace) -> int:
    from synthtext.dataset import generate

    return generate.run(args)


def _merge(args: argparse.Namespace) -> int:
    from synthtext.dataset import merge

    return merge.run(args)


def _preview(args: argparse.Namespace) -> int:
    from synthtext.tools import preview

    return preview.run(args)


def _inspect(args: argparse.Namespace) -> int:
    from synthtext.inspection import report

    return report.run(args)


def _gallery(args: argparse.Namespace) -> int:
    from synthtext.tools import gallery

    return gallery.run(args)


def _targets(args: argparse.Namespace) -> int:
    from synthtext.targets import draw

    return draw.run(args)


def _bench(args: argparse.Namespace) -> int:
    from synthtext.tools import bench

    return bench.run(args)


def _fonts_list(args: argparse.Namespace) -> int:
    from synthtext.tools.packs import packs_table
    from synthtext.typeset.catalogue import list_table, load_catalogue
    from synthtext.typeset.font_config import FontConfig

    print(list_table(load_catalogue(FontConfig(folders=tuple(args.folder or ())))))
    print(f"\n{packs_table('fonts')}")
    return 0


def _packs_add(args: argparse.Namespace) -> int:
    from synthtext.tools import packs

    print(packs.added_table(packs.add(args.kind, args.source, args.name or "", args.style, args.replace)))
    return 0


def _packs_remove(args: argparse.Namespace) -> int:
    from synthtext.tools import packs

    packs.remove(args.kind, args.name)
    return 0


def _packs_list(args: argparse.Namespace) -> int:
    from synthtext.tools import packs

    print(packs.packs_table(args.kind))
    return 0


def _backgrounds_list(args: argparse.Namespace) -> int:
    from synthtext.paint.paint_config import BackgroundConfig
    from synthtext.paint.photographs import list_table, load_library
    from synthtext.tools.packs import packs_table

    print(list_table(load_library(BackgroundConfig(folders=tuple(args.folder or ())))))
    print(f"\n{packs_table('backgrounds')}")
    return 0


def _fonts_check(args: argparse.Namespace) -> int:
    from synthtext.typeset.catalogue import check_table, load_catalogue
    from synthtext.typeset.font_config import FontConfig

    if not args.text.strip():
        raise InputError("fonts check: the text is empty; give the characters to look for")
    print(check_table(load_catalogue(FontConfig(folders=tuple(args.folder or ()))), args.text))
    return 0


def _languages(args: argparse.Namespace) -> int:
    from synthtext.tools import language_table

    for line in language_table.lines(tuple(args.folder or ()), args.code):
        print(line, flush=True)
    return 0


def _schema(args: argparse.Namespace) -> int:
    if args.markdown:
        from synthtext.tools.reference import markdown

        print(markdown(), end="")
        return 0
    import json

    from synthtext.config import schema

    print(json.dumps(schema(), indent=2))
    return 0


def parser() -> _Parser:
    """The whole command line; each command sets `call`."""
    top = _Parser(prog="synthtext", description="Labelled text images for training OCR.", allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"synthtext {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    p = _command(commands, "generate", "write a data set")
    p.formatter_class = argparse.RawDescriptionHelpFormatter
    p.epilog = f"formats:\n{describe_formats()}"
    _add_config(p)
    p.add_argument(
        "-o",
        "--out",
        required=True,
        metavar="FOLDER",
        help="where to; new, empty, or a data set to go on with; of a format in shards also a URL: s3://bucket/words",
    )
    p.add_argument("-n", type=int, required=True, metavar="COUNT", help="how many samples")
    p.add_argument("--start", type=int, default=0, metavar="I", help="the first sample's index (default 0)")
    p.add_argument("--format", default="folder", metavar="F", help="one of those below (default folder)")
    p.add_argument("--shard-size", type=int, metavar="N", help="samples of a shard (default 10,000)")
    p.add_argument(
        "--shard", metavar="I/N", help="make the I-th of N parts of the shards, from 0; then synthtext merge"
    )
    p.add_argument(
        "--split",
        metavar="NAME=SHARE,...",
        help="splits that are apart, FOLDER/NAME each: train=0.9,val=0.05,test=0.05",
    )
    p.add_argument(
        "--split-by",
        default="fonts,backgrounds,words",
        metavar="KINDS",
        help="what no two splits share (default fonts,backgrounds,words)",
    )
    p.add_argument("--engine", default="local", metavar="E", help="local (default), or ray: a task a shard [extra ray]")
    p.add_argument("--ray-address", metavar="A", help="of a Ray cluster, such as auto (default: one of this machine)")
    p.add_argument("--workers", type=int, metavar="W", help="processes (default: one a core)")
    p.add_argument("--resume", action="store_true", help="go on where a run ended, or extend it to a larger COUNT")
    p.add_argument("--overwrite", action="store_true", help="replace the data set that lies there")
    p.add_argument(
        "--accept-versions", action="store_true", help="go on though libraries that make the samples have changed"
    )
    p.add_argument("--image-format", default="jpg", metavar="F", help="jpg (default) or png")
    p.add_argument("--quality", type=int, default=95, metavar="Q", help="of JPEG, 1 to 100 (default 95)")
    p.add_argument("--plans", action="store_true", help="put each sample's plan into its label record")
    p.add_argument("--ink", action="store_true", help="ink masks beside the images: coverage, words and chars")
    p.add_argument(
        "--ink-threshold", type=float, default=0.5, metavar="T",
        help="the part of a pixel that ink must cover for an id, 0 to 1 (default 0.5)",
    )  # fmt: skip
    p.set_defaults(call=_generate)

    p = _command(commands, "merge", "check the parts that generate --shard made, and join them")
    p.add_argument("folder", nargs="+", metavar="FOLDER", help="where the parts are; folders or URLs")
    p.add_argument("-o", "--out", metavar="FOLDER", help="where to join them (default: where they are, in one folder)")
    p.add_argument("--no-verify", action="store_true", help="do not read the shards to compare their SHA-256")
    p.add_argument("--accept-versions", action="store_true", help="join parts that other versions of libraries made")
    p.set_defaults(call=_merge)

    p = _command(commands, "preview", "draw samples with their labels on one sheet")
    _add_config(p)
    p.add_argument("-o", "--out", required=True, metavar="FILE", help="a .png or a self-contained .html")
    p.add_argument("-n", type=int, default=48, metavar="COUNT", help="how many samples (default 48)")
    p.add_argument("--start", type=int, default=0, metavar="I", help="the first sample's index (default 0)")
    p.add_argument("--columns", type=int, metavar="C", help="samples in a row of a .png")
    p.add_argument("--zoom", type=float, metavar="Z", help="enlargement (default: by the samples' size)")
    p.add_argument(
        "--draw",
        default="words,polygons,chars",
        metavar="WHAT",
        help="of words, polygons, chars, lines, ink, score (of EAST) and a target's name, for all its maps (png), "
        "with commas between (default words,polygons,chars)",
    )
    p.add_argument("--no-labels", action="store_true", help="without quads and polygons")
    p.set_defaults(call=_preview)

    p = _command(commands, "inspect", "check a data set, ours or another maker's, and report what it holds")
    p.add_argument("dataset", metavar="DATASET", help="a folder or file, laid out as docs/inspect.md tells")
    p.add_argument("-o", "--out", metavar="FILE", help="write a self-contained .html page with plots and pictures")
    p.add_argument("--json", metavar="FILE", help="write every figure there")
    p.add_argument("--against", metavar="DATASET", help="another one: what both share, and how they differ")
    p.add_argument("--sample", default="20000", metavar="N", help="pictures to decode, or all (default 20000)")
    p.add_argument("--charset", metavar="C", help="characters that labels may hold, such as @ascii (default: as made)")
    p.add_argument("--judge", action="store_true", help="let an independent recogniser read samples (the extra judge)")
    p.add_argument("--judge-sample", type=int, default=1000, metavar="N", help="how many it reads (default 1000)")
    p.add_argument(
        "--target", type=float, default=0.05, metavar="P", help="share of illegible samples tolerated (default 0.05)"
    )
    p.add_argument("--check", action="store_true", help="exit with status 1 where a check is bad")
    p.set_defaults(call=_inspect)

    p = _command(commands, "gallery", "draw every effect by name, from low to high strength")
    p.add_argument("-o", "--out", required=True, metavar="FILE", help="a .md; its pictures go into a folder beside it")
    p.set_defaults(call=_gallery)

    p = _command(commands, "targets", "draw the training maps of a text detector over a picture and its labels")
    p.add_argument("image", metavar="IMAGE", help="a picture")
    p.add_argument("labels", metavar="GT", help="its labels: x1,y1,...,x4,y4,text a line, or a data set that names it")
    p.add_argument(
        "--target", default="east", metavar="T",
        help=f"{', '.join(TAKES)} (default east)",
    )  # fmt: skip
    p.add_argument("--stride", type=int, metavar="S", help="pixels between samples (default: the method's own)")
    p.add_argument("-o", "--out", required=True, metavar="FILE", help="a .png or .jpg; .npz for the maps as arrays")
    p.add_argument("--columns", type=int, default=3, metavar="C", help="panels in a row (default 3)")
    p.set_defaults(call=_targets)

    p = _command(commands, "bench", "measure the speed, and where the time goes")
    _add_config(p, optional=True)
    p.add_argument("-n", type=int, default=4000, metavar="COUNT", help="samples to measure (default 4000)")
    p.add_argument(
        "--workers",
        type=int,
        metavar="W",
        help="measure so many processes together, too; of --stream: processes (one a core)",
    )
    p.add_argument("--stream", action="store_true", help="measure a stream of batches, as a training loop sees it")
    p.add_argument("--batch-size", type=int, default=256, metavar="B", help="of --stream (default 256)")
    p.add_argument("--json", metavar="FILE", help="write the figures there")
    p.set_defaults(call=_bench)

    p = _command(commands, "fonts", "list the fonts, check what they can write, or add your own")
    actions = p.add_subparsers(title="actions", metavar="ACTION", required=True)
    p = _command(actions, "list", "one line a font")
    p.add_argument("--folder", action="append", metavar="FOLDER", help="your own fonts, beside the embedded ones")
    p.set_defaults(call=_fonts_list)
    p = _command(actions, "check", "which fonts can write each character of a text, and all of it")
    p.add_argument("text", metavar="TEXT")
    p.add_argument("--folder", action="append", metavar="FOLDER", help="your own fonts, beside the embedded ones")
    p.set_defaults(call=_fonts_check)
    _add_packs(actions, "fonts")

    p = _command(commands, "backgrounds", "list the background photographs, or add your own")
    actions = p.add_subparsers(title="actions", metavar="ACTION", required=True)
    p = _command(actions, "list", "one line a photograph")
    p.add_argument("--folder", action="append", metavar="FOLDER", help="your own photographs, beside the embedded ones")
    p.set_defaults(call=_backgrounds_list)
    _add_packs(actions, "backgrounds")

    p = _command(commands, "languages", "list the languages: script, fonts that cover each, where its words come from")
    p.add_argument("code", nargs="*", metavar="CODE", help="of these alone, such as ar ja (default: all)")
    p.add_argument("--folder", action="append", metavar="FOLDER", help="your own fonts, beside the embedded ones")
    p.set_defaults(call=_languages)

    p = _command(commands, "schema", "print the JSON schema of a configuration")
    p.add_argument("--markdown", action="store_true", help="the reference of all keys, as of docs/config.md")
    p.set_defaults(call=_schema)
    return top


def _command(commands: argparse._SubParsersAction[_Parser], name: str, what: str) -> _Parser:
    return commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".", allow_abbrev=False)


def _add_packs(actions: argparse._SubParsersAction[_Parser], kind: str) -> None:
    p = _command(actions, "add", f"check {kind} one by one and keep what is usable as a pack, for pack:NAME")
    p.add_argument("source", metavar="PATH|PACKAGE", help="folder, file, archive, or installed npm or Debian package")
    p.add_argument("--name", metavar="NAME", help="of the pack (default: the source's)")
    p.add_argument("--replace", action="store_true", help="put it in the place of a pack of that name")
    if kind == "fonts":
        p.add_argument("--style", default="user", metavar="S", help="by which fonts.styles weighs them (default user)")
    p.set_defaults(call=_packs_add, kind=kind, **({} if kind == "fonts" else {"style": "user"}))
    p = _command(actions, "packs", "list the packs")
    p.set_defaults(call=_packs_list, kind=kind)
    p = _command(actions, "remove", "take a pack away")
    p.add_argument("name", metavar="NAME")
    p.set_defaults(call=_packs_remove, kind=kind)


def _add_config(p: _Parser, optional: bool = False) -> None:
    text = "a preset's name (words, lines, clean, scenes) or a YAML file"
    if optional:
        p.add_argument("config", nargs="?", default="words", metavar="CONFIG", help=f"{text} (default words)")
    else:
        p.add_argument("config", metavar="CONFIG", help=text)
    p.add_argument("--seed", type=int, default=0, metavar="S", help="samples of another seed are others (default 0)")
    p.add_argument(
        "--set", action="append", metavar="KEY=VALUE", help="a value of the configuration, such as text.cut=0.2"
    )
    p.add_argument(
        "--language", dest="set", action="append", type="text.languages=[{}]".format, metavar="CODES",
        help="languages of the texts, with commas between, such as ja,en: short for --set text.languages=[ja,en]",
    )  # fmt: skip


def _log_to_stderr() -> None:
    """Show warnings, such as those that name a font which is left out, as lines of ours."""
    import logging

    logging.basicConfig(format="synthtext: %(message)s", level=logging.WARNING)


def _with_origin(message: str, args: argparse.Namespace | None) -> str:
    """The message, and before it who gave the value, where it begins with a key of the configuration.

    What is wrong with a value alone is told with that when the configuration is read; this is for what only the fonts,
    photographs and texts that it names show.
    """
    key = re.match(r"[a-z_]+(\.[a-z_]+)+(?=: )", message)
    if key is None or not hasattr(args, "config") or args is None:
        return message
    from synthtext.config import origin_of

    origin = origin_of(args.config, getattr(args, "set", None) or (), key[0])
    return f"{origin}: {message}" if origin else message


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 2 for bad input, 130 for ^C, 1 for a sample that cannot be made."""
    # Before NumPy and OpenCV are loaded: the work is divided among processes, and one thread each can be forked safely.
    for name in _THREAD_VARIABLES:
        os.environ.setdefault(name, "1")
    args = None
    try:
        args = parser().parse_args(argv)
        _log_to_stderr()
        status: int = args.call(args)
        sys.stdout.flush()
        return status
    except InputError as error:
        print(f"synthtext: error: {_with_origin(str(error), args)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "synthtext: interrupted; a data set that was being written can be gone on with: --resume", file=sys.stderr
        )
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SampleError as error:
        print(f"{error.details}synthtext: error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

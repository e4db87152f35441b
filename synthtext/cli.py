"""The command line. Each command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from synthtext.errors import InputError
from synthtext.version import __version__

_THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class _Parser(argparse.ArgumentParser):
    """Bad usage is bad input: one sentence, like all others."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see {self.prog} --help)")


def _generate(args: argparse.Namespace) -> int:
    from synthtext import generate

    return generate.run(args)


def _preview(args: argparse.Namespace) -> int:
    from synthtext import preview

    return preview.run(args)


def _gallery(args: argparse.Namespace) -> int:
    from synthtext import gallery

    return gallery.run(args)


def _targets(args: argparse.Namespace) -> int:
    from synthtext.targets import draw

    return draw.run(args)


def _bench(args: argparse.Namespace) -> int:
    from synthtext import bench

    return bench.run(args)


def _fonts_list(args: argparse.Namespace) -> int:
    from synthtext.config import FontConfig
    from synthtext.typeset.catalogue import list_table, load_catalogue

    print(list_table(load_catalogue(FontConfig(folders=tuple(args.folder or ())))))
    return 0


def _fonts_check(args: argparse.Namespace) -> int:
    from synthtext.config import FontConfig
    from synthtext.typeset.catalogue import check_table, load_catalogue

    if not args.text.strip():
        raise InputError("fonts check: the text is empty; give the characters to look for")
    print(check_table(load_catalogue(FontConfig(folders=tuple(args.folder or ()))), args.text))
    return 0


def _schema(args: argparse.Namespace) -> int:
    if args.markdown:
        from synthtext.reference import markdown

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
    _add_config(p)
    p.add_argument(
        "-o", "--out", required=True, metavar="FOLDER", help="where to; new, empty, or a data set to go on with"
    )
    p.add_argument("-n", type=int, required=True, metavar="COUNT", help="how many samples")
    p.add_argument("--start", type=int, default=0, metavar="I", help="the first sample's index (default 0)")
    p.add_argument("--format", default="folder", metavar="F", help="folder (default) or lmdb")
    p.add_argument("--workers", type=int, metavar="W", help="processes (default: one a core)")
    p.add_argument("--resume", action="store_true", help="go on where a run ended, or extend it to a larger COUNT")
    p.add_argument("--overwrite", action="store_true", help="replace the data set that lies there")
    p.add_argument("--image-format", default="jpg", metavar="F", help="jpg (default) or png")
    p.add_argument("--quality", type=int, default=95, metavar="Q", help="of JPEG, 1 to 100 (default 95)")
    p.add_argument("--plans", action="store_true", help="put each sample's plan into its label record")
    p.set_defaults(call=_generate)

    p = _command(commands, "preview", "draw samples with their labels on one sheet")
    _add_config(p)
    p.add_argument("-o", "--out", required=True, metavar="FILE", help="a .png or a self-contained .html")
    p.add_argument("-n", type=int, default=48, metavar="COUNT", help="how many samples (default 48)")
    p.add_argument("--start", type=int, default=0, metavar="I", help="the first sample's index (default 0)")
    p.add_argument("--columns", type=int, metavar="C", help="samples in a row of a .png")
    p.add_argument("--zoom", type=float, metavar="Z", help="enlargement (default: by the samples' size)")
    p.add_argument("--no-labels", action="store_true", help="without quads and polygons")
    p.set_defaults(call=_preview)

    p = _command(commands, "gallery", "draw every effect by name, from low to high strength")
    p.add_argument("-o", "--out", required=True, metavar="FILE", help="a .md; its pictures go into a folder beside it")
    p.set_defaults(call=_gallery)

    p = _command(commands, "targets", "draw the training maps of a text detector over a picture and its labels")
    p.add_argument("image", metavar="IMAGE", help="a picture")
    p.add_argument("labels", metavar="GT", help="its labels: x1,y1,...,x4,y4,text a line (### to be ignored)")
    p.add_argument(
        "--target", default="east", metavar="T",
        help="east (default), dbnet, psenet, pan, craft, textsnake, fcenet or chars",
    )  # fmt: skip
    p.add_argument("--stride", type=int, metavar="S", help="pixels between samples (default: the method's own)")
    p.add_argument("-o", "--out", required=True, metavar="FILE", help="a .png or .jpg; .npz for the maps as arrays")
    p.add_argument("--columns", type=int, default=3, metavar="C", help="panels in a row (default 3)")
    p.set_defaults(call=_targets)

    p = _command(commands, "bench", "measure the speed, and where the time goes")
    _add_config(p, optional=True)
    p.add_argument("-n", type=int, default=4000, metavar="COUNT", help="samples to measure (default 4000)")
    p.add_argument("--workers", type=int, default=1, metavar="W", help="measure so many processes together, too")
    p.add_argument("--json", metavar="FILE", help="write the figures there")
    p.set_defaults(call=_bench)

    p = _command(commands, "fonts", "list the fonts, or check what they can write")
    actions = p.add_subparsers(title="actions", metavar="ACTION", required=True)
    p = _command(actions, "list", "one line a font")
    p.add_argument("--folder", action="append", metavar="FOLDER", help="your own fonts, beside the embedded ones")
    p.set_defaults(call=_fonts_list)
    p = _command(actions, "check", "which fonts can write each character of a text, and all of it")
    p.add_argument("text", metavar="TEXT")
    p.add_argument("--folder", action="append", metavar="FOLDER", help="your own fonts, beside the embedded ones")
    p.set_defaults(call=_fonts_check)

    p = _command(commands, "schema", "print the JSON schema of a configuration")
    p.add_argument("--markdown", action="store_true", help="the reference of all keys, as of docs/config.md")
    p.set_defaults(call=_schema)
    return top


def _command(commands: argparse._SubParsersAction[_Parser], name: str, what: str) -> _Parser:
    return commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".", allow_abbrev=False)


def _add_config(p: _Parser, optional: bool = False) -> None:
    text = "a preset's name (words, lines, clean) or a YAML file"
    if optional:
        p.add_argument("config", nargs="?", default="words", metavar="CONFIG", help=f"{text} (default words)")
    else:
        p.add_argument("config", metavar="CONFIG", help=text)
    p.add_argument("--seed", type=int, default=0, metavar="S", help="samples of another seed are others (default 0)")
    p.add_argument(
        "--set", action="append", metavar="KEY=VALUE", help="a value of the configuration, such as text.cut=0.2"
    )


def _log_to_stderr() -> None:
    """Show warnings, such as those that name a font which is left out, as lines of ours."""
    import logging

    logging.basicConfig(format="synthtext: %(message)s", level=logging.WARNING)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 2 for bad input, 130 for ^C, 1 for a sample that cannot be made."""
    # Before NumPy and OpenCV are loaded: the work is divided among processes, and one thread each can be forked safely.
    for name in _THREAD_VARIABLES:
        os.environ.setdefault(name, "1")
    try:
        args = parser().parse_args(argv)
        _log_to_stderr()
        status: int = args.call(args)
        sys.stdout.flush()
        return status
    except InputError as error:
        print(f"synthtext: error: {error}", file=sys.stderr)
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
    except Exception as error:
        from synthtext.generate import SampleError

        if not isinstance(error, SampleError):
            raise
        print(f"{error.details}synthtext: error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

"""`python -m synthtext`: the command line."""

from synthtext.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

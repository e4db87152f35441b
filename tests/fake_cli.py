"""The command line with the fake generator behind it, and small commits: a process to kill and to interrupt."""

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import fake_generator

from synthtext import cli
from synthtext.dataset import generate
from synthtext.runtime import progress

if __name__ == "__main__":
    generate._make_generator = fake_generator.FakeGenerator
    generate.COMMIT_SAMPLES = 256
    generate.SHARD_SIZE = 200
    progress._LINE_S = 1e9
    sys.exit(cli.main(sys.argv[1:]))

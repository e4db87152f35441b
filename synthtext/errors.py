"""The error that a user can mend: its message is one sentence that names the file, key or index, and the fix."""


class InputError(ValueError):
    """Bad input at a boundary (config, command line, file, array). The CLI prints it and exits with status 2."""

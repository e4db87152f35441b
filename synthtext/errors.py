"""The errors: of input that a user can mend, and of a sample that cannot be made."""


class InputError(ValueError):
    """Bad input at a boundary (config, command line, file, array). The CLI prints it and exits with status 2.

    Its message is one sentence that names the file, the key or the index, and the fix.
    """


class SampleError(RuntimeError):
    """A sample could not be made, for a reason that is no bad input. `details`: the traceback, where there is one."""

    def __init__(self, message: str, index: int, details: str) -> None:
        super().__init__(message)
        self.index = index
        self.details = details

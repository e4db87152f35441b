"""The source `plate`: vehicles' plates."""

from __future__ import annotations

from synthtext.core.rng import Draws
from synthtext.text.composed import Context, fill, patterns
from synthtext.text.source_base import Composed

SOURCE = {"name": "plate", "help": "vehicles' plates", "maker": "VehiclePlates"}

_PLATES = patterns("""
AAA 000 | AAA 0000 | AAA-000 | AAA-0000 | 000 AAA | 000-AAA | 0000 AAA | 0000-AAA | AA-000-AA | AA 000 AA
AA000AA | A AA 100 | A AA 1000 | A-AA 1000 | AA A 100 | AA AA 1000 | AA-AA 100 | AAA-A 10 | AAA A 100 | AA00 AAA
AA00AAA | A000 AAA | 0AAA000 | 0AAA 000 | 00-AA-00 | AA-00-00 | 00-AAA-0 | 0-AAA-00 | AA 00 AA 0000 | AA00AA0000
AA 0000 AA | AA 00-00 | AA0000 | AA-0000-A | A000AA 00 | 00A-00000 | 000A000 | AA 0000 | A 00000 | AAA0A00
{·}00-00 | AA·00000
""")


class VehiclePlates(Composed):
    """Composes the source `plate`."""

    inline = True
    any_script = True

    @staticmethod
    def compose(draws: Draws, context: Context) -> str:
        return fill(draws, draws.choice(_PLATES))

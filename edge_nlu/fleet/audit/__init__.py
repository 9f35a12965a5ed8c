"""Attack what a fleet publishes, as somebody would who wants to know who took part and what they said.

A promise of privacy is a calculation; whether the program keeps it is another matter. So attacks are run that
are known to work where nothing protects, what the server does in a round is measured from outside, and faults
are planted to see whether they would be noticed. Beside it stands whether what is learned serves some people
worse than others.
"""

from __future__ import annotations

from typing import TypeAlias

Figures: TypeAlias = dict[str, str | int | float | bool | None]

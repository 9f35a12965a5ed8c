"""Lay out a page that stands by itself: no network, no script, and readable on a phone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from edge_nlu_bench import svg

WORDS: Final = {"over": "over", "least": "at least", "most": "at most"}
"""How a figure reaches its aim."""

GOOD, BAD = ("reached", "holds"), ("not reached", "fails")


def page(title: str, parts: Iterable[str]) -> str:
    """Return a page with this title in its head, made of parts in HTML."""
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, which can be moved sideways where it is too wide."""
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    inner = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{top}</tr>\n{inner}</table></div>'


def reached(value: float, how: str, aim: float) -> str:
    """Return whether a figure reaches its aim, in words."""
    return (
        "reached"
        if {"over": value > aim, "least": value >= aim, "most": value <= aim}[how]
        else "not reached"
    )


def _cell(said: str) -> str:
    kind = "good" if said in GOOD else "bad" if said in BAD else ""
    return f'<td class="{kind}">{escape(said)}</td>' if kind else f"<td>{escape(said)}</td>"


STYLE = f"""
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem }}
h1 {{ font-size: 1.4rem }} h2 {{ font-size: 1.1rem; margin-top: 2rem }}
svg {{ width: 100%; height: auto; font-size: 13px }} svg text {{ fill: currentColor }}
{svg.STYLE}
.legend span {{ display: inline-block; margin-right: 1rem }}
.legend i {{ display: inline-block; width: .8em; height: .8em; margin-right: .4em }}
.wide {{ overflow-x: auto }} table {{ border-collapse: collapse; font-size: .9rem }}
th, td {{ text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #8884; vertical-align: top }}
@media (max-width: 520px) {{
svg {{ font-size: 20px }} table {{ font-size: .8rem }} th, td {{ padding: .2rem .3rem .2rem 0 }}
}}
.good {{ color: #2e7540 }} .bad {{ color: #b02a1b }} .note {{ opacity: .75; overflow-wrap: anywhere }}
"""

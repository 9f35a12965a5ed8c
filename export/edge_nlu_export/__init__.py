"""Make a model pack on a workstation: teach a model, shrink it, prove that it still answers, write it.

Needs the extra `export`. Nothing of it runs on a hub, and a pack is written only when what will run
there gives the same answers as what was trained.
"""

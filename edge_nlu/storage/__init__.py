"""What outlives a power cut: the journal, the home as last reported, the packs, the profiles.

Each file has exactly one writer, and is replaced by renaming or written ahead, so that whatever
moment the power goes, what is read afterwards is either the old state or the new one.
"""

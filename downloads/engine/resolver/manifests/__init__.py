"""Readers of untrusted HLS playlists (RFC 8216) and DASH manifests (ISO/IEC 23009-1).

fetching    a manifest's text by the guarded client, within its limits
parsing     asks the jailed child what is in it
answers     the child's answers, validated: nothing in them is trusted
addresses   a URL of a manifest: its target, and the headers that may go there
refusals    the reasons to refuse a manifest, in sentences
presentations  an MPD with its remote elements
child       inside the jail: playlist (HLS), mpd (DASH)
"""

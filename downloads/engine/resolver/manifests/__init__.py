"""Readers of untrusted HLS playlists (RFC 8216) and DASH manifests (ISO/IEC 23009-1).

fetching    a manifest's text by the guarded client, within its limits
parsing     asks the jailed child what is in it
answers     what the child may say: nothing in it is trusted
addresses   a URL of a manifest: where it leads, and which headers may go there
refusals    why there is nothing to download, in sentences
presentations  an MPD with all that belongs to it
child       inside the jail: playlist (HLS), mpd (DASH)
"""

"""An examination of this installation: a line each, with the fix.

finding    one line of it
examination    all probes at once, each bounded in time
the others    a probe each; none raises, none tells a secret
"""

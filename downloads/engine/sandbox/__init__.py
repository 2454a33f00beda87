"""The jail: what parses untrusted input runs in here, as a child that can harm nobody.

    confinement   what one program may use; how it ended
    program       Jail.run: a program that runs once (ffmpeg)
    worker        JailedWorker: a warm child that answers JSON lines (the extractor)
    pool          WarmPool: so that nobody waits for an interpreter
    entry, serve  inside the child: a module of ours, and its end of the JSON lines
    launcher      between owner and child: confines the child, outlives it, kills what it leaves
    landlock, seccomp, limits, syscalls   the restrictions themselves
    support       what this machine's kernel has of them

What it does not cover: how full the disk gets by many files of allowed size, and, where
Landlock opens the proxy's port, other hosts that listen on that same (random) port number.

The launcher imports from here with an interpreter of its own: this file stays empty of code.
"""

"""The jail: a child process without secrets or rights, which parses untrusted input.

    confinement   the limits of one program, its result, its failures
    program       Jail.run: a program that runs once (ffmpeg)
    worker        JailedWorker: a warm child that answers JSON lines (the extractor)
    pool          WarmPool: workers started before they are needed
    entry, serve  inside the child: runs one module, answers the JSON lines
    launcher      between owner and child: confines the child, outlives it, kills its descendants
    landlock, seccomp, limits, syscalls   the restrictions themselves
    support       the restrictions that this machine's kernel offers

Not covered: the space that many files of allowed size take, and, when Landlock opens the proxy's
port, other hosts that listen on that same (random) port number.

The launcher imports from here with an interpreter of its own: this file stays empty of code.
"""

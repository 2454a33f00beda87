"""The way out of the jail: an HTTP proxy on loopback that goes only where the policy allows.

    server    EgressProxy: one a process, on a random port
    session   EgressSession: one job's credentials, policy, counts and limits
    request   the request line: what is asked for, and whom that leads to
    forward   absolute-form requests (http), reframed so that nothing can be smuggled
    tunnel    CONNECT (https): bytes both ways
    answer_head  a source's head, read leniently and written strictly
    refusal   why it does not, and how it says so
    peer      one side of a connection: h11 over an asyncio stream

What it does not cover: what goes through a tunnel is encrypted, so a grant (see
``egress.policy``) opens plain http URLs alone, and so do the headers of a host's rule reach
plain http alone; its proxy serves both (see ``egress.upstream``).
"""

from downloads.engine.egress.proxy.server import EgressProxy, egress_proxy
from downloads.engine.egress.proxy.session import EgressSession

__all__ = ["EgressProxy", "EgressSession", "egress_proxy"]

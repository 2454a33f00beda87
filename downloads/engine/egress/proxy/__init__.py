"""The egress proxy: the only way out of the jail, on loopback, under the address policy.

    server       EgressProxy: one a process, on a random port
    session      EgressSession: one job's credentials, policy, counts and limits
    request      the request line: what is requested, and which target that leads to
    forward      absolute-form requests (http), reframed so that nothing can be smuggled
    tunnel       CONNECT (https): bytes both ways
    answer_head  a source's head, read leniently and written strictly
    refusal      the reasons for a refusal, and their answers
    peer         one side of a connection: h11 over an asyncio stream

Not covered: the traffic in a tunnel is encrypted, so a grant (see ``egress.policy``) opens plain
http URLs alone, and the headers of a host's rule reach plain http alone; its proxy serves both (see
``egress.upstream``).
"""

from downloads.engine.egress.proxy.server import EgressProxy, egress_proxy
from downloads.engine.egress.proxy.session import EgressSession

__all__ = ["EgressProxy", "EgressSession", "egress_proxy"]

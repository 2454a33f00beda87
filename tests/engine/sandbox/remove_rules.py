"""Removes each rule of the jail and the egress proxy in turn, and shows that a test goes red.

    python tests/engine/sandbox/remove_rules.py [WORD...]      only the rules whose name has such a word

Works on a copy; prints a table; exit code 1 where a rule can be removed unnoticed, 2 where the
code that a rule names has moved. Run by hand after a change to ``downloads/engine/egress``: it takes
a few minutes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[3]
JAIL, PROXY = "downloads/engine/sandbox/", "downloads/engine/egress/proxy/"


SECCOMP, LANDLOCK, LIMITS = f"{JAIL}seccomp.py", f"{JAIL}landlock.py", f"{JAIL}limits.py"
LAUNCHERS = f"{JAIL}launchers.py"
LAUNCHER, PROCESS, WORKER = f"{JAIL}launcher.py", f"{JAIL}process.py", f"{JAIL}worker.py"
NO_LANDLOCK = (LAUNCHER, "    if abi:", "    if False:")


@dataclass(frozen=True)
class Rule:
    """``old`` in ``file`` is replaced by ``new``; then ``tests`` (a pytest -k word) must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: str
    also: tuple[tuple[str, str, str], ...] = ()  # where two rules stand for one thing: the other


def without(word: str, tests: str, name: str = "", *also: tuple[str, str, str]) -> Rule:
    """One system call that is no longer refused."""
    return Rule(f"seccomp: {name or word}", SECCOMP, f"{word} ", "", tests, also)


# One a line: it is a table.
# ruff: noqa: E501
RULES = (
    Rule("landlock: files", *NO_LANDLOCK, "cannot_be_read or cannot_be_changed"),
    Rule("landlock: its own folder only", LANDLOCK, "((own,), _OWN)", '((own, "/tmp"), _OWN)', "test_files"),
    Rule("landlock: no symlinks", LANDLOCK, "_OWN = _READ |", "_OWN = 1 << 12 | _READ |", "leads_its_owner"),
    Rule("landlock: no pipes", LANDLOCK, "_OWN = _READ |", "_OWN = 1 << 10 | _READ |", "leads_its_owner"),
    Rule("landlock: no programs but its own", LANDLOCK, "(read, _READ)", "(read, _READ | _EXECUTE), (('/usr/bin', '/bin'), _READ | _EXECUTE)", "no_other_program"),
    Rule("landlock: what it wrote does not run", LANDLOCK, "((own,), _OWN)", "((own,), _OWN | _EXECUTE)", "what_it_wrote"),
    Rule("landlock: TCP port", LANDLOCK, "NETWORK_ABI = 4", "NETWORK_ABI = 99", "no_other_port"),
    Rule("landlock: signals", LANDLOCK, "_SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if", "_SCOPE_ABSTRACT_SOCKETS if", "landlock_keeps_it or owner_or_its_launcher"),
    Rule("seccomp: the whole filter", LAUNCHER, "if seccomp.available():", "if False:", "test_sockets or test_processes"),
    Rule("seccomp: families", SECCOMP, "[internet, _STREAM,", "[_STREAM,", "test_sockets"),
    Rule("seccomp: stream sockets", SECCOMP, "[internet, _STREAM,", "[internet,", "udp_is_closed or listen_nor"),
    Rule("seccomp: protocol (MPTCP)", SECCOMP, ", (2, _WORD, (0, _IPPROTO_TCP))]", "]", "does_not_see"),
    Rule("seccomp: fast open by sendto", SECCOMP, '("sendto", 3), ', "", "does_not_see"),
    Rule("seccomp: fast open by sendmsg", SECCOMP, '("sendmsg", 2), ', "", "does_not_see"),
    Rule("seccomp: datagram pairs", SECCOMP, "(_AF_UNIX,)), _STREAM]", "(_AF_UNIX,))]", "a_pair_leads"),
    Rule("seccomp: no socket without network", SECCOMP, '_tcp() if network else _fail("socket", errno.EACCES)', "_tcp()", "no_socket_at_all"),
    Rule("seccomp: no pairs without need", SECCOMP, 'else _fail("socketpair", errno.EACCES)', "else []", "nor_a_pair"),
    Rule("seccomp: bind and listen", SECCOMP, '"bind listen accept accept4 "', '""', "listen_nor"),
    Rule("seccomp: no fork alone", SECCOMP, "code += _fail(_FORKS, errno.EPERM)", "pass", "alone_it"),
    Rule("seccomp: clone for threads alone", SECCOMP, "    if fork:\n        return", "    if True:\n        return", "alone_it"),
    Rule("seccomp: no namespaces by clone", SECCOMP, '_without("clone", 0, _CLONE_NAMESPACES)', "[]", "wide_doors"),
    Rule("seccomp: clone3", SECCOMP, '"clone3 memfd', '"memfd', "do_not_exist"),
    Rule("seccomp: prlimit of others", SECCOMP, "[(0, _WORD, (0,))])", "[])", "seccomp_keeps"),
    Rule("seccomp: architecture", SECCOMP, "_ARCHITECTURES[machine()], 1, 0)", "_ARCHITECTURES[machine()], 1, 1)", "numbering"),
    Rule("seccomp: x32", SECCOMP, "_op(_AT_LEAST, _X32, 0, 1), _op(_RETURN, _KILL)", "", "numbering"),
    without("ptrace", "seccomp_keeps", "ptrace", NO_LANDLOCK),
    without("process_vm_readv", "seccomp_keeps", "process_vm_readv", NO_LANDLOCK),
    without("setpriority", "seccomp_keeps"),
    without("sched_setaffinity", "seccomp_keeps"),
    without("setpgid setsid", "leave_its_group"),
    without("chmod fchmod fchmodat fchmodat2", "lets_through or may_not_change", "chmod"),
    without("utimensat", "lets_through"),
    without("setxattr", "lets_through"),
    without("unshare", "wide_doors"),
    without("userfaultfd", "wide_doors"),
    without("perf_event_open", "wide_doors"),
    without("shmget", "nothing_stays"),
    without("msgget", "nothing_stays"),
    Rule("seccomp: memfd", SECCOMP, "memfd_create ", "", "do_not_exist"),
    Rule("seccomp: io_uring", SECCOMP, "io_uring_setup ", "", "do_not_exist"),
    Rule("capabilities given up", LIMITS, "    if os.geteuid() != 0:\n        return\n", "    return\n", "capabilities or wide_doors"),
    Rule("limit: address space", LIMITS, "_set(resource.RLIMIT_AS, spec.address_space)", "pass", "address_space"),
    Rule("limit: processor", LIMITS, "    _set(resource.RLIMIT_CPU, spec.cpu_seconds)\n", "", "processor"),
    Rule("limit: file size", LIMITS, "    _set(resource.RLIMIT_FSIZE, spec.file_size)\n", "", "huge_file"),
    Rule("limit: open files", LIMITS, "    _set(resource.RLIMIT_NOFILE, spec.open_files)\n", "", "open_files"),
    Rule("limit: hard ones", LIMITS, "(value, value + 1 if kind == resource.RLIMIT_CPU else value)", "(value, hard)", "raised_again"),
    Rule("watch: memory", LAUNCHER, "used.resident > spec.resident", "False", "resident_memory"),
    Rule("watch: processes", LAUNCHER, "used.processes > spec.processes", "False", "fork_bomb"),
    Rule("end: the group", LAUNCHER, "    _kill_group(group)\n", "    os.kill(group, 9)\n", "daemon", ((LAUNCHER, "tree.kill(stray)", "pass"),)),
    Rule("end: the owner's end is seen", LAUNCHER, "if control in ready or wakeup.end_requested or", "if", "killing_the_owner"),
    Rule("end: with the launcher", LIMITS, "syscalls.prctl(syscalls.PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))", "pass", "killing_the_launcher"),
    Rule("end: the group again by the owner", PROCESS, "os.killpg(self._group, signal.SIGKILL)", "pass", "killing_the_launcher"),
    Rule("start: by the spawner thread", LAUNCHERS, "spawner.begin(_start).result()", "_start()", "killing_the_owner"),
    Rule("start: scrubbed environment", LAUNCHER, "spec.argv, spec.environment)", "spec.argv, {**os.environ, **spec.environment})", "scrubbed", ((LAUNCHERS, '                env={"LANG": "C.UTF-8"},\n', ""),)),
    Rule("start: scrubbed launcher", LAUNCHERS, '                env={"LANG": "C.UTF-8"},\n', "", "no_secret_of_ours"),
    Rule("start: pipes alone", LAUNCHERS, "pass_fds=(theirs.fileno(),),", "close_fds=os.set_inheritable(theirs.fileno(), True),", "no_descriptor_but"),
    Rule("worker: line length", WORKER, "len(answer) > self._max_line", "False", "misbehaviour"),
    Rule("worker: number of values", WORKER, "> self._most_values", "> 10**12", "misbehaviour"),
    Rule("worker: id", WORKER, 'message.get("id") != self.uses', "False", "misbehaviour"),
    Rule("pool: private ones are new", f"{JAIL}pool.py", "not (fresh and worker.uses)", "True", "private"),
    Rule("pool: private ones end", f"{JAIL}pool.py", "keep=not private", "keep=True", "private"),
    Rule("pool: worn ones end", f"{JAIL}pool.py", "return worker.uses >= self._uses", "return False", "worn"),
    Rule("program: output", f"{JAIL}program.py", "len(self.kept) > self._most", "False", "endless_output"),
    Rule("proxy: credentials", f"{PROXY}session.py", "hmac.compare_digest(value.strip(), pair)", "True", "test_proxy_requests"),
    Rule("proxy: own port", f"{PROXY}server.py", "policy.own_ports | {self.port}", "policy.own_ports", "own_ports"),
    Rule("proxy: a grant opens no tunnel", f"{PROXY}server.py", "not requested.tunnel and session", "session", "grant_of_https"),
    Rule("proxy: a grant opens itself alone", f"{PROXY}server.py", "session.policy.grants_url(requested.target.url)", "bool(session.policy.grants)", "grant"),
    Rule("proxy: blocked is remembered", f"{PROXY}session.py", "            self.blocked = error\n", "            pass\n", "inside_address"),
    Rule("proxy: Host is the judged one", f"{PROXY}request.py", 'dropped = {b"host"} | ', "dropped = set() | ", "the_host_that"),
    Rule("proxy: hop-by-hop headers", f"{PROXY}request.py", "dropped = _HOP_BY_HOP | named", "dropped = named", "stays_there"),
    Rule("proxy: Connection's own list", f"{PROXY}request.py", "dropped = _HOP_BY_HOP | named", "dropped = _HOP_BY_HOP", "stays_there"),
    Rule("proxy: the mark is ours", f"{PROXY}request.py", "| {MARK.lower()}", "", "pretend"),
    Rule("proxy: two framings", f"{PROXY}request.py", "<= names:", "<= set():", "two_framings"),
    Rule("proxy: methods", f"{PROXY}request.py", "request.method not in _METHODS", "False", "anything_else"),
    Rule("proxy: scheme", f"{PROXY}request.py", 'target.scheme != ("https" if tunnel else "http") or', "", "anything_else"),
    Rule("proxy: authority", f"{PROXY}request.py", "not _AUTHORITY.fullmatch(text)", "False", "anything_else"),
    Rule("proxy: byte cap", f"{PROXY}session.py", "self.received + self.sent > self.max_bytes", "False", "cap"),
    Rule("proxy: deadline", f"{PROXY}session.py", "self.closed or self.late or", "self.closed or", "deadline"),
    Rule("proxy: stop", f"{PROXY}session.py", "(self.stop is not None and self.stop.stopped)", "False", "stopping"),
    Rule("proxy: a session's end", f"{PROXY}session.py", "self.closed or self.late or", "self.late or", "stopping"),
    Rule("proxy: connections of a session", f"{PROXY}server.py", "or session.connections > _MAX_OF_ONE_JOB", "", "so_many"),
    Rule("proxy: backpressure", f"{PROXY}peer.py", "        await self._writer.drain()\n", "", "does_not_read"),
    Rule("proxy: half-close", f"{PROXY}tunnel.py", "    target.end_writing()  # the other way may go on\n", "", "half_closes"),
    Rule("proxy: last bytes", f"{PROXY}server.py", "await source.close()", "source.abort()", "last_bytes"),
    Rule("proxy: early bytes", f"{PROXY}tunnel.py", "    if early:", "    if False:", "sent_along"),
    Rule("proxy: head in time", f"{PROXY}server.py", "asyncio.timeout(self._patience.head)", "asyncio.timeout(None)", "slow_heads"),
    Rule("proxy: idle tunnels", f"{PROXY}server.py", "or line.moved_at < idle_since", "", "slow_heads"),
    Rule("proxy: loopback alone", f"{PROXY}server.py", '("127.0.0.1", 0)', '("0.0.0.0", 0)', "loopback_alone"),
    Rule("proxy: a cut body is a reset", f"{PROXY}refusal.py", 'raise ConnectionAbortedError("an answer has begun")', "return", "only_a_reset"),
)  # fmt: skip


def main() -> int:
    words = sys.argv[1:]
    rules = [rule for rule in RULES if not words or any(word in rule.name for word in words)]
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("downloads", "accounts", "config", "tests"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(PROJECT / name, copy / name, ignore=ignored)
        shutil.copy(PROJECT / "pyproject.toml", copy)
        for rule in rules:
            verdict, code = judge(rule, copy)
            worst = max(worst, code)
            print(f"{rule.name:45} {verdict}", flush=True)
    return worst


def judge(rule: Rule, copy: Path) -> tuple[str, int]:
    edits = ((rule.file, rule.old, rule.new), *rule.also)
    whole = {copy / file: (copy / file).read_text() for file, _, _ in edits}
    try:
        for file, old, new in edits:
            text = (copy / file).read_text()
            if old not in text:
                return "THE CODE HAS MOVED", 2
            (copy / file).write_text(text.replace(old, new))
        return test(rule, copy)
    finally:
        for path, text in whole.items():
            path.write_text(text)


def test(rule: Rule, copy: Path) -> tuple[str, int]:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/engine/sandbox", "-q", "-x", "-k", rule.tests,
         "--timeout=60", "--no-header", "--tb=no", "-p", "no:cacheprovider"],
        cwd=copy,
        capture_output=True,
        text=True,
    )  # fmt: skip
    failed = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if ran.returncode == 1 and failed:
        return "red: " + failed[0].split(" - ")[0].rpartition("::")[2], 0
    return f"NOT NOTICED (pytest: {ran.returncode})", 1


if __name__ == "__main__":
    raise SystemExit(main())
